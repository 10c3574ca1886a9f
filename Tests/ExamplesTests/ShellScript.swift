// Shell scripts that tests run.

import Glibc
import Telemetry
import Testing

enum ShellScript {
    /// Runs a script whose `$0` is the folder; returns its exit status, and the writing end of its input.
    ///
    /// - Parameter environment: all variables that it has, as `NAME=value`; nil for those of this process.
    static func run(
        _ script: String, folder: String, _ words: [String], environment: [String]? = nil
    ) throws -> (status: Int32, input: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        // The threads of tasks block signals, and a shell that inherits that waits for its processes for ever.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var arguments: [UnsafeMutablePointer<CChar>?] = (["sh", "-c", script, folder] + words).map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = (environment ?? []).map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var child = pid_t()
        let failure = variables.withUnsafeMutableBufferPointer { variables in
            posix_spawn(&child, "/bin/sh", &actions, &attributes, &arguments, environment == nil ? environ : variables.baseAddress)
        }
        if failure != 0 { close(ends[1]) }
        try #require(failure == 0, "A shell can be started.")
        var status: Int32 = 0
        waitpid(child, &status, 0)
        return (status, ends[1])
    }

    /// Waits until a process that was killed has ended.
    ///
    /// - Parameter isGone: whether its parent must have taken its status as well, so that no process has its number.
    static func waitForEnd(of process: pid_t, isGone: Bool = false) throws {
        let limit = Deadline.after(.patience)
        while let state = words(of: "/proc/\(process)/status").drop(while: { $0 != "State:" }).dropFirst().first, isGone || state != "Z" {
            try #require(!limit.hasPassed, "The process \(process) ends.")
            usleep(1000)
        }
    }

    /// The words at the beginning of a file; none if it cannot be read.
    static func words(of path: String) -> [Substring] {
        guard let file = fopen(path, "r") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self).split { $0.isWhitespace }
    }
}
