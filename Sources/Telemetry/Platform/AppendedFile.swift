// Files that lines are appended to.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is opened for each piece that is appended to it: one that has been moved away or deleted is made anew.
struct AppendedFile: Sendable {
    let path: String

    /// Opens the file, makes it if there is none, and closes it again. What is made can be read and written by its owner alone.
    func check() throws(FileError) {
        close(try opened())
    }

    /// Appends the bytes at the end, as one write where the system takes them whole.
    func append(_ bytes: UnsafeRawBufferPointer) throws(StreamFailure) {
        let descriptor: Int32
        do throws(FileError) { descriptor = try opened() } catch { throw StreamFailure(error: error, hasBegun: false) }
        defer { close(descriptor) }
        try StandardStream(descriptor: descriptor).write(bytes)
    }

    private func opened() throws(FileError) -> Int32 {
        // Without waiting: a named pipe that nobody reads would hold us up for ever.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw .last }
        // One that somebody reads takes as much as it can at a time, and the rest is waited for.
        _ = fcntl(descriptor, F_SETFL, O_APPEND)
        return descriptor
    }
}
