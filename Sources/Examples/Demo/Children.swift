// Starts programs and makes sure that they end.

import ExampleSupport
import Glibc
import Synchronization

/// Programs that were started, and that do not outlive this one.
///
/// Each has one end of a pipe as its standard input; that ends when this program does, whatever ends it.
final class Children: Sendable {
    /// A program that runs.
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

    /// Starts a program with more environment variables; its output goes where ours goes.
    func start(_ name: String, _ path: String, environment: [String: String]) throws(StartFailure) {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of their own: Ctrl-C reaches this program alone, which ends them in order.
        posix_spawnattr_setpgroup(&attributes, 0)
        // Signals that this program handles or ignores are to end them as usual.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for number in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&defaults, number) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF))

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipeEnds.read, STDIN_FILENO)

        var variables = Self.inheritedEnvironment
        variables["STOP_WITH_STANDARD_INPUT"] = "1"
        variables.merge(environment) { _, new in new }
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(path), nil]
        var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var process = pid_t()
        let status = posix_spawn(&process, path, &actions, &attributes, &arguments, &environment)
        guard status == 0 else {
            throw StartFailure(.unavailable, "\(path) cannot be started: \(String(cString: strerror(status)))")
        }
        children.withLock { $0.append(Child(name: name, process: process)) }
    }

    /// The name of a program that has ended by itself, and how.
    var ended: (name: String, reason: String)? {
        children.withLock { children in
            Self.reap(&children)
            return children.first { $0.exitStatus != nil }.map { ($0.name, Self.reason($0.exitStatus ?? 0)) }
        }
    }

    /// Asks all to end, the one started last first, each before the next; who does not end within a second is killed.
    func stop() {
        for index in children.withLock({ $0.indices }).reversed() {
            signal(index, SIGTERM)
            if !waitForEnd(of: index, polls: 200) {
                signal(index, SIGKILL)
                _ = waitForEnd(of: index, polls: 200)
            }
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

    private static var inheritedEnvironment: [String: String] {
        var variables: [String: String] = [:]
        for entry in (FileContent.read("/proc/self/environ") ?? []).split(separator: 0) {
            let sides = entry.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2 else { continue }
            variables[String(decoding: sides[0], as: UTF8.self)] = String(decoding: sides[1], as: UTF8.self)
        }
        return variables
    }
}
