// The processes of the demo.

import ExampleSupport
import Glibc
import Synchronization
import Telemetry

/// Child processes that do not outlive this one.
///
/// The standard input of each is a pipe whose other end only this process holds, so that it ends with this process, even a killed one.
final class Children: Sendable {
    /// A child process, running or ended.
    private struct Child: Sendable {
        let name: String
        let process: pid_t
        var exitStatus: Int32?
    }

    private let children = Mutex<[Child]>([])
    private let pipeEnds: (read: Int32, write: Int32)

    init() throws(StartFailure) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw StartFailure(.unavailable, "There are no descriptors left for a pipe.") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        pipeEnds = (ends[0], ends[1])
    }

    /// Starts a program with additional environment variables; it shares the output streams of this one.
    ///
    /// - Parameters:
    ///   - words: its arguments.
    ///   - showsOutput: false drops what it writes to standard output: services that write log lines there and to a file as well.
    func start(
        _ name: String, _ path: String, _ words: [String] = [], environment: [String: String], showsOutput: Bool
    ) throws(StartFailure) {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The child has a process group of its own: Ctrl-C reaches only this process, which stops the children in order.
        posix_spawnattr_setpgroup(&attributes, 0)
        // Signals that this process handles or ignores have their default effect in the child.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for number in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&defaults, number) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF))

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipeEnds.read, STDIN_FILENO)
        if !showsOutput { posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) }

        var variables = EnvironmentCarrier.process.variables
        variables["STOP_WITH_STANDARD_INPUT"] = "1"
        variables.merge(environment) { _, new in new }
        var arguments: [UnsafeMutablePointer<CChar>?] = ([path] + words).map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var process = pid_t()
        let status = posix_spawn(&process, path, &actions, &attributes, &arguments, &environment)
        guard status == 0 else {
            throw StartFailure(.unavailable, "\(path) cannot be started: \(String(cString: strerror(status)))")
        }
        children.withLock { $0.append(Child(name: name, process: process)) }
    }

    /// The name of a child that has ended by itself, and its status or signal.
    var ended: (name: String, reason: String)? {
        children.withLock { children in
            Self.reap(&children)
            return children.first { $0.exitStatus != nil }.map { ($0.name, Self.reason($0.exitStatus ?? 0)) }
        }
    }

    /// Stops children one by one, the last one first; a child that does not end within a second is killed.
    ///
    /// - Parameter count: the children that were started first and go on.
    /// - Returns: the processor time of all children that have ended, in seconds.
    @discardableResult func stop(keeping count: Int = 0) -> Double {
        for index in children.withLock({ $0.indices }).dropFirst(count).reversed() {
            signal(index, SIGTERM)
            if !waitForEnd(of: index, polls: 200) {
                signal(index, SIGKILL)
                _ = waitForEnd(of: index, polls: 200)
            }
        }
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_CHILDREN.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }

    /// The most memory that each running child has had.
    var peakMemory: [(name: String, kibibytes: Int)] {
        children.withLock { $0 }.compactMap { child in
            let status = String(decoding: FileContent.read("/proc/\(child.process)/status") ?? [], as: UTF8.self)
            let words = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }?.split { $0.isWhitespace } ?? []
            return words.count > 1 ? Int(words[1]).map { (child.name, $0) } : nil
        }
    }

    private func signal(_ index: Int, _ number: Int32) {
        children.withLock { children in
            Self.reap(&children)
            if children[index].exitStatus == nil { kill(children[index].process, number) }
        }
    }

    private func waitForEnd(of index: Int, polls: Int) -> Bool {
        for _ in 0..<polls {
            let hasEnded = children.withLock { children in
                Self.reap(&children)
                return children[index].exitStatus != nil
            }
            if hasEnded { return true }
            usleep(5_000)
        }
        return false
    }

    private static func reap(_ children: inout [Child]) {
        for index in children.indices where children[index].exitStatus == nil {
            var status: Int32 = 0
            if waitpid(children[index].process, &status, WNOHANG) == children[index].process { children[index].exitStatus = status }
        }
    }

    private static func reason(_ status: Int32) -> String {
        let signal = status & 0x7F
        return signal == 0 ? "ended with status \(status >> 8 & 0xFF)" : "was ended by signal \(signal)"
    }
}
