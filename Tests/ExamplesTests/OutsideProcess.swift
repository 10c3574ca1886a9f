// Programs of others that tests talk to.

import Glibc
import Testing

/// A program in a process of its own. It ends with its object, and with the process of the tests.
final class OutsideProcess: Sendable {
    private let folder: String
    /// The program is killed when this descriptor is closed.
    private let lifeline: Int32

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - words: the path of the program, and its arguments.
    ///   - folder: where what it writes is kept.
    init(_ words: [String], folder: String) throws {
        self.folder = folder
        // The shell ends the program with the end of its input, which a command in the background has only under another number.
        let script = """
            exec 3<&0
            (
                "$@" > "$0/log" 2>&1 3<&- &
                process=$!
                echo $process > "$0/process"
                cat <&3 > /dev/null
                kill -9 $process 2> /dev/null
                wait $process 2> /dev/null
            ) > /dev/null 2>&1 &
            """
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
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
        defer { for text in arguments { free(text) } }
        var child = pid_t()
        let status = posix_spawn(&child, "/bin/sh", &actions, &attributes, &arguments, environ)
        close(ends[0])
        lifeline = ends[1]
        try #require(status == 0)
        // The shell in between has ended, so that no child of the tests is left to wait for.
        var end: Int32 = 0
        waitpid(child, &end, 0)
    }

    deinit { close(lifeline) }

    /// Kills the program, as a failing machine would.
    func kill() throws {
        let file = try #require(fopen("\(folder)/process", "r"))
        defer { fclose(file) }
        var identifier: Int32 = 0
        withUnsafeMutablePointer(to: &identifier) { pointer in _ = withVaList([pointer]) { vfscanf(file, "%d", $0) } }
        try #require(identifier > 1)
        Glibc.kill(identifier, SIGKILL)
    }
}
