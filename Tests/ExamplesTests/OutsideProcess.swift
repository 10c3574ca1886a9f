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
        // The shell in between has ended by then, so that no child of the tests is left to wait for.
        lifeline = try ShellScript.run(script, folder: folder, words).input
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
        try ShellScript.waitForEnd(of: identifier)
    }
}
