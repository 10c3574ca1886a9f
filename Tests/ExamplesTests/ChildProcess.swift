// Processes of tests: services as users start them, with their output and exit status.

import Glibc
import Synchronization
import Testing

@testable import Telemetry

/// A service in a process of its own.
final class ChildProcess: Sendable {
    let identifier: pid_t
    private let output: ProcessOutput
    /// The service ends when this descriptor is closed, so that a failed test leaves no process behind.
    private let lifeline: Int32

    /// Starts a program that was built beside the tests, with the given environment alone.
    ///
    /// - Parameter closing: the standard streams that are closed in the process.
    init(_ name: String, arguments words: [String] = [], environment: [String: String], closing: [Int32] = []) throws {
        var path = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = readlink("/proc/self/exe", &path, path.count)
        let own = String(decoding: path.prefix(max(0, length)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let program = own.prefix(through: try #require(own.lastIndex(of: "/"))) + name

        var (input, output): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        try #require(pipe(&input) == 0 && pipe(&output) == 0)
        for end in input + output { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        lifeline = input[1]
        self.output = ProcessOutput(output[0])
        defer {
            close(input[0])
            close(output[1])
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO)
        for stream in [STDOUT_FILENO, STDERR_FILENO] { posix_spawn_file_actions_adddup2(&actions, output[1], stream) }
        for stream in closing { posix_spawn_file_actions_addclose(&actions, stream) }
        let environment = environment.merging(["STOP_WITH_STANDARD_INPUT": "1"]) { given, _ in given }
        var arguments: [UnsafeMutablePointer<CChar>?] = ([name] + words).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var child = pid_t()
        try #require(posix_spawn(&child, String(program), &actions, nil, &arguments, &variables) == 0, "\(program) can be started")
        identifier = child
    }

    /// The variables with which a service listens on a free port, and waits as long as a busy machine takes; its spans have no receiver.
    static let environment = [
        "NAMESPACE": "test", "INSTANCE_NAME": "one", "OTEL_LOCATION": "127.0.0.1:1", "HOST": "127.0.0.1", "PORT": "0", "GRPC_PORT": "0",
        "STOP_TIMEOUT": "60000", "OTEL_EXPORTER_OTLP_TIMEOUT": "60000", "DATABASE_TIMEOUT": "60000", "DATABASE_START_TIMEOUT": "60000",
        "REDIS_TIMEOUT": "60000", "AUTH_TIMEOUT": "60000", "LUNAR_MODULE_TIMEOUT": "60000", "SNS_TIMEOUT": "60000",
    ]

    /// Starts a service, waits until it listens, and returns it with its URL; fails with its output if it does not listen.
    ///
    /// One that is started again needs a `PORT` of ``ScriptedServer/freePort()``: another process may get a port that the system has chosen
    /// while nothing listens on it.
    static func service(_ name: String, _ changes: [String: String] = [:]) async throws -> (child: ChildProcess, url: String) {
        let child = try ChildProcess(name, environment: environment.merging(changes) { $1 })
        let announcement = "listening on port "
        let output = await child.output(until: announcement)
        let end = try #require(output.firstRange(of: announcement)?.upperBound, "\(name) does not listen: \(output)")
        return (child, "http://127.0.0.1:\(output[end...].prefix { $0.isNumber })")
    }

    deinit { close(lifeline) }

    /// Returns the output of the service up to its end, or up to a line that contains the text; what there is when that takes too long.
    func output(until text: String? = nil) async -> String {
        await withoutBlockingTasks { [output] in output.wait(for: text) }
    }

    /// Waits for the end of the service and returns its exit status; nil if a signal ended it. A service that does not end fails the test.
    func exitStatus() async -> Int32? {
        await withoutBlockingTasks { [identifier] in
            let hasEnded = Semaphore()
            let isWatched = WorkerThread.start(named: "patience") {
                guard !hasEnded.wait(until: .after(.patience)) else { return }
                Issue.record("Process \(identifier) does not end, and is killed.")
                kill(identifier, SIGKILL)
            }
            precondition(isWatched, "The system has a thread for a test.")
            var status: Int32 = 0
            var ended = waitpid(identifier, &status, 0)
            while ended < 0, errno == EINTR { ended = waitpid(identifier, &status, 0) }
            hasEnded.post()
            precondition(ended == identifier, "A process is waited for once.")
            return status & 0x7F == 0 ? (status >> 8) & 0xFF : nil
        }
    }

    /// Runs a blocking body on a thread of its own: in a task it would take a thread from other tests.
    private func withoutBlockingTasks<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            if !WorkerThread.start(named: "child", { continuation.resume(returning: body()) }) { continuation.resume(returning: body()) }
        }
    }
}

/// What a process writes, which is read all the time: a process whose output nobody takes would have to wait for that once the pipe is full.
private final class ProcessOutput: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let arrivals = Semaphore()

    /// Reads from a descriptor, and closes it at the end.
    init(_ descriptor: Int32) {
        let isStarted = WorkerThread.start(named: "output") { [self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                state.withLock { $0.bytes += buffer[..<count] }
                arrivals.post()
            }
            close(descriptor)
            state.withLock { $0.hasEnded = true }
            arrivals.post()
        }
        precondition(isStarted, "The system has a thread for a test.")
    }

    /// Returns the output that was not returned before, once it has ended or a line contains the text, or when nothing more comes.
    func wait(for text: String?) -> String {
        while true {
            let (bytes, hasEnded) = state.withLock { ($0.bytes, $0.hasEnded) }
            let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            let isFound = text.map { text in lines.contains { $0.contains(text) } } ?? false
            if isFound || hasEnded || !arrivals.wait(until: .after(.patience)) { return take(bytes) }
        }
    }

    private func take(_ bytes: [UInt8]) -> String {
        state.withLock { $0.bytes.removeFirst(bytes.count) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
