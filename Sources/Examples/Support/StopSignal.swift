// Turns the signals that end a process, and the end of its parent, into one event to wait for.

import Glibc
import Synchronization

/// The request to end the process: SIGINT from a terminal, SIGHUP when it closes, SIGTERM from a supervisor.
package enum StopSignal {
    /// The end of the pipe that the handler writes to; -1 until there is a pipe.
    private static let pipeEnd = Atomic<Int32>(-1)

    /// Installs the handlers: the first signal no longer ends the process, a second SIGINT does.
    ///
    /// - Parameter parentPipe: a descriptor that the parent process holds open as long as it lives. Its end counts as a signal, so that the
    ///   process ends with a parent that was killed.
    package static func arm(parentPipe: Int32? = nil) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // The ordering is the strongest one, since this runs once; the handler is installed after it.
        pipeEnd.store(ends[1], ordering: .sequentiallyConsistent)
        let readEnd = ends[0]
        // Writing to a connection that the client has closed raises SIGPIPE, which must not end the service.
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, handler) }
        startThread { watch(readEnd, parentPipe ?? -1) }
    }

    /// Returns after the first signal; any number of tasks may wait.
    package static func wait() async {
        await withCheckedContinuation { continuation in
            let hasCome = waiting.withLock { state in
                if !state.hasCome { state.continuations.append(continuation) }
                return state.hasCome
            }
            if hasCome { continuation.resume() }
        }
    }

    /// Whether the first signal has arrived.
    package static var hasCome: Bool { waiting.withLock { $0.hasCome } }

    private struct Waiting {
        var hasCome = false
        var continuations: [CheckedContinuation<Void, Never>] = []
    }

    private static let waiting = Mutex(Waiting())

    /// Writes one byte to the pipe: write is one of the few functions that a signal handler may call.
    private static let handler: @convention(c) (Int32) -> Void = { number in
        var byte = UInt8(truncatingIfNeeded: number)
        write(StopSignal.pipeEnd.load(ordering: .relaxed), &byte, 1)
    }

    private static func watch(_ readEnd: Int32, _ parentPipe: Int32) {
        // poll ignores negative descriptors.
        var watched = [pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0), pollfd(fd: parentPipe, events: Int16(POLLIN), revents: 0)]
        while true {
            guard poll(&watched, 2, -1) > 0 else {
                if errno == EINTR || errno == EAGAIN { continue }
                return disarm()
            }
            // poll would report a closed descriptor for ever.
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

    /// Restores the default handlers, since the pipe is gone.
    private static func disarm() {
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
    }

    private static func stop(signal: Int32) {
        let (isFirst, continuations) = waiting.withLock { state in
            let isFirst = !state.hasCome
            state.hasCome = true
            return (isFirst, exchange(&state.continuations, with: []))
        }
        // A supervisor may repeat SIGTERM while telemetry is exported; only a second SIGINT is a demand to end at once.
        if !isFirst && signal == SIGINT { _exit(128 + signal) }
        for continuation in continuations { continuation.resume() }
    }

    private static func exchange<Value>(_ value: inout Value, with new: Value) -> Value {
        let old = value
        value = new
        return old
    }

    /// Starts a thread: waiting in a task would take a thread from the requests of the service.
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
