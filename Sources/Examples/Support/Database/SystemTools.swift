// Threads, semaphores and libraries of the system.

import Glibc
import Telemetry

/// A counting semaphore; posting never blocks.
///
/// `@unchecked`: the pointer is set once and the functions on it are made for use from several threads.
final class Semaphore: @unchecked Sendable {
    private let handle: UnsafeMutablePointer<sem_t>

    init() {
        handle = .allocate(capacity: 1)
        sem_init(handle, 0, 0)
    }

    deinit {
        sem_destroy(handle)
        handle.deallocate()
    }

    func post() { sem_post(handle) }

    /// Returns false if the deadline passed first.
    @discardableResult
    func wait(until deadline: Deadline = .never) -> Bool {
        while true {
            if deadline == .never {
                if sem_wait(handle) == 0 { return true }
                continue
            }
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            let step = min(max(.zero, deadline.remaining), .milliseconds(100)).components.attoseconds / 1_000_000_000
            time.tv_nsec += Int(step)
            if time.tv_nsec >= 1_000_000_000 { (time.tv_sec, time.tv_nsec) = (time.tv_sec + 1, time.tv_nsec - 1_000_000_000) }
            if sem_timedwait(handle, &time) == 0 { return true }
            if deadline.hasPassed { return false }
        }
    }
}

enum WorkerThread {
    /// Runs the closure on a new detached thread; returns false if the system refuses one.
    static func start(named name: String, _ body: @escaping @Sendable () -> Void) -> Bool {
        final class Body: Sendable {
            let run: @Sendable () -> Void
            init(_ run: @escaping @Sendable () -> Void) { self.run = run }
        }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(Body(body))
        let status = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, context.toOpaque())
        if status == 0 { pthread_detach(thread) } else { context.release() }
        return status == 0
    }
}

struct DynamicLibrary: Sendable {
    let name: String
    private let handle: UInt

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(_ name: String) throws(Failure) {
        guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
            throw Failure(description: dlerror().map { String(cString: $0) } ?? "\(name) cannot be opened")
        }
        self.name = name
        self.handle = UInt(bitPattern: handle)
    }

    func function<Function>(_ name: String) throws(Failure) -> Function {
        guard let symbol = dlsym(UnsafeMutableRawPointer(bitPattern: handle), name) else {
            throw Failure(description: "\(self.name) has no function \(name)")
        }
        return unsafeBitCast(symbol, to: Function.self)
    }
}
