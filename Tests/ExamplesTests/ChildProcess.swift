// Processes of tests: services as users start them, with their output and exit status.

import Glibc
import Testing

@testable import Telemetry

/// A service in a process of its own.
final class ChildProcess: Sendable {
    let identifier: pid_t
    private let output: Int32
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
        self.output = output[0]
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

    /// The variables with which a service listens on a free port; its spans have no receiver.
    static let environment = [
        "NAMESPACE": "test", "INSTANCE_NAME": "one", "OTEL_LOCATION": "127.0.0.1:1", "HOST": "127.0.0.1", "PORT": "0",
        "STOP_TIMEOUT": "60000", "OTEL_EXPORTER_OTLP_TIMEOUT": "60000",
    ]

    /// Starts a service, waits until it listens, and returns it with its URL.
    static func service(_ name: String, _ changes: [String: String] = [:]) async throws -> (child: ChildProcess, url: String) {
        let child = try ChildProcess(name, environment: environment.merging(changes) { $1 })
        let output = await child.output(until: "listening on port")
        let announced = try #require(output.split(separator: "listening on port ").last, "\(output)")
        let port = announced.prefix { $0.isNumber }
        return (child, "http://127.0.0.1:\(port)")
    }

    deinit {
        close(lifeline)
        close(output)
    }

    /// Returns the output of the service up to its end, or up to a line that contains the text.
    func output(until text: String? = nil) async -> String {
        await withoutBlockingTasks { self.readOutput(until: text) }
    }

    /// Waits for the end of the service and returns its exit status; nil if a signal ended it.
    func exitStatus() async -> Int32? {
        await withoutBlockingTasks {
            var status: Int32 = 0
            waitpid(self.identifier, &status, 0)
            return status & 0x7F == 0 ? (status >> 8) & 0xFF : nil
        }
    }

    private func readOutput(until text: String?) -> String {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let shown = String(decoding: all, as: UTF8.self)
            let lines = shown.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            if let text, lines.contains(where: { $0.contains(text) }) { return shown }
            // The timeout fails the test where a silent service does not end.
            var watched = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, 20_000) > 0 else { return shown }
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { return shown }
            all += buffer[..<count]
        }
    }

    /// Runs a blocking body on a thread of its own: in a task it would take a thread from other tests.
    private func withoutBlockingTasks<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
        await withCheckedContinuation { continuation in
            if !WorkerThread.start(named: "child", { continuation.resume(returning: body()) }) { continuation.resume(returning: body()) }
        }
    }
}
