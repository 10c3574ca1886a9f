// Tells when the process is asked to end.

import Glibc
import Synchronization

/// The signals that ask the process to end: SIGINT from a terminal, SIGTERM from a supervisor.
package enum StopSignal {
    /// Where the handler writes to; -1 until there is a pipe.
    private static let pipeEnd = Atomic<Int32>(-1)

    /// From now on signals are waited for instead of ending the process; a second one ends it at once.
    package static func arm() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // Sequentially consistent out of caution: this runs once, and before the handler can.
        pipeEnd.store(ends[1], ordering: .sequentiallyConsistent)
        waiting.withLock { $0.readEnd = ends[0] }
        // A client that closes its connection early must not end the service.
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM] { signal(number, handler) }
        startThread { read() }
    }

    /// Returns once the first signal has come; it may be called any number of times.
    package static func wait() async {
        await withCheckedContinuation { continuation in
            let hasCome = waiting.withLock { state in
                if !state.hasCome { state.continuations.append(continuation) }
                return state.hasCome
            }
            if hasCome { continuation.resume() }
        }
    }

    /// Whether the first signal has come.
    package static var hasCome: Bool { waiting.withLock { $0.hasCome } }

    private struct Waiting {
        var readEnd: Int32 = -1
        var hasCome = false
        var continuations: [CheckedContinuation<Void, Never>] = []
    }

    private static let waiting = Mutex(Waiting())

    /// Only writes one byte: little else is allowed in a signal handler.
    private static let handler: @convention(c) (Int32) -> Void = { number in
        var byte = UInt8(truncatingIfNeeded: number)
        write(StopSignal.pipeEnd.load(ordering: .relaxed), &byte, 1)
    }

    private static func read() {
        let descriptor = waiting.withLock { $0.readEnd }
        var byte: UInt8 = 0
        var count = 0
        while true {
            let got = Glibc.read(descriptor, &byte, 1)
            if got < 0 && errno == EINTR { continue }
            guard got == 1 else { return }
            count += 1
            if count > 1 { _exit(128 + Int32(byte)) }
            let continuations = waiting.withLock { state in
                state.hasCome = true
                return exchange(&state.continuations, with: [])
            }
            for continuation in continuations { continuation.resume() }
        }
    }

    private static func exchange<Value>(_ value: inout Value, with new: Value) -> Value {
        let old = value
        value = new
        return old
    }

    /// A thread of its own, because waiting in a task would take a thread from the services' requests.
    private static func startThread(_ body: @escaping @Sendable () -> Void) {
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
    }
}
