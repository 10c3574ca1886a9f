// Tells when the process is asked to end.

import Glibc
import Synchronization

/// What asks the process to end: SIGINT from a terminal, SIGHUP when it closes, SIGTERM from a supervisor.
package enum StopSignal {
    /// Where the handler writes to; -1 until there is a pipe.
    private static let pipeEnd = Atomic<Int32>(-1)

    /// From now on signals are waited for instead of ending the process; a second Ctrl-C ends it at once.
    ///
    /// - Parameter parentPipe: a descriptor that the parent process holds open as long as it lives: its end counts as a
    ///   signal, so that the parent need not live to end us.
    package static func arm(parentPipe: Int32? = nil) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // Sequentially consistent out of caution: this runs once, and before the handler can.
        pipeEnd.store(ends[1], ordering: .sequentiallyConsistent)
        let readEnd = ends[0]
        // A client that closes its connection early must not end the service.
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, handler) }
        startThread { watch(readEnd, parentPipe ?? -1) }
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
        var hasCome = false
        var continuations: [CheckedContinuation<Void, Never>] = []
    }

    private static let waiting = Mutex(Waiting())

    /// Only writes one byte: little else is allowed in a signal handler.
    private static let handler: @convention(c) (Int32) -> Void = { number in
        var byte = UInt8(truncatingIfNeeded: number)
        write(StopSignal.pipeEnd.load(ordering: .relaxed), &byte, 1)
    }

    private static func watch(_ readEnd: Int32, _ parentPipe: Int32) {
        // A negative descriptor is passed over by poll.
        var watched = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0), pollfd(fd: parentPipe, events: Int16(POLLIN), revents: 0)]
        while true {
            guard poll(&watched, 2, -1) > 0 else {
                if errno == EINTR || errno == EAGAIN { continue }
                return disarm()
            }
            // A closed descriptor would be ready again and again.
            if watched[0].revents & Int16(POLLNVAL) != 0 { return disarm() }
            for index in watched.indices where watched[index].revents != 0 {
                var byte: UInt8 = 0
                let got = read(watched[index].fd, &byte, 1)
                if watched[index].fd == readEnd {
                    if got == 1 { stop(signal: Int32(byte)) }
                } else if got == 0 || watched[index].revents & Int16(POLLNVAL) != 0 {
                    watched[index].fd = -1
                    stop(signal: 0)
                }
            }
        }
    }

    /// Leaves signals to what the system does with them, since the handler's pipe is gone.
    private static func disarm() {
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
    }

    private static func stop(signal: Int32) {
        let (isFirst, continuations) = waiting.withLock { state in
            let isFirst = !state.hasCome
            state.hasCome = true
            return (isFirst, exchange(&state.continuations, with: []))
        }
        // A supervisor may repeat itself while telemetry is being delivered; only a person's second Ctrl-C is meant.
        if !isFirst && signal == SIGINT { _exit(128 + signal) }
        for continuation in continuations { continuation.resume() }
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
