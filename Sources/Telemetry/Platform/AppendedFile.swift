// Appends lines to log files, with rotation.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A file that is opened for each append, so that one that was moved or deleted is created again.
struct AppendedFile: Sendable {
    let path: String
    let rotation: FileRotation?

    /// - Parameter rotation: when the file is replaced by a new one; nil if another program rotates it.
    init(path: String, rotation: FileRotation? = nil) {
        self.path = path
        self.rotation = rotation
    }

    /// Checks that the file can be opened; creates it if it is missing, for its owner alone.
    func check() throws(FileError) {
        close(try opened())
        if rotation != nil { try FileRotation.check(path) }
    }

    /// Appends lines at the end, in one write if the system accepts them whole.
    func append(_ lines: UnsafeRawBufferPointer, deadline: Deadline = .never) throws(StreamFailure) {
        var written = 0
        repeat {
            let rest = UnsafeRawBufferPointer(rebasing: lines[written...])
            let place: (descriptor: Int32, count: Int)
            do throws(FileError) { place = try self.place(for: rest) } catch {
                throw StreamFailure(cause: .error(error), writtenCount: written)
            }
            defer { close(place.descriptor) }
            do throws(StreamFailure) {
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(place.count))
                try StandardStream(descriptor: place.descriptor).write(part, deadline: deadline)
            } catch {
                throw StreamFailure(cause: error.cause, writtenCount: written + error.writtenCount)
            }
            written += place.count
        } while written < lines.count
    }

    /// Opens a file with room, and returns how many of the bytes fit into it.
    private func place(for lines: UnsafeRawBufferPointer) throws(FileError) -> (descriptor: Int32, count: Int) {
        // Other processes may fill the next file meanwhile, but hardly several times in a row.
        for _ in 0..<8 {
            let descriptor = try opened()
            do throws(FileError) {
                if let count = try count(of: lines, in: descriptor) { return (descriptor, count) }
            } catch {
                close(descriptor)
                throw error
            }
            close(descriptor)
        }
        return (try opened(), lines.count)
    }

    /// Returns how many of the bytes fit into the file; nil if it was full and has been rotated.
    private func count(of lines: UnsafeRawBufferPointer, in descriptor: Int32) throws(FileError) -> Int? {
        guard let rotation else { return lines.count }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return lines.count }
        let count = rotation.room(for: lines, inFileOf: Int(status.st_size))
        guard count == 0, !lines.isEmpty else { return count }
        // While another process rotates it, the file may exceed its size a little.
        return try rotation.rotate(path, descriptor) ? nil : lines.count
    }

    /// True if the last line is incomplete, as after a process that was killed.
    var endsInsideLine: Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return false }
        var last: UInt8 = 0
        return pread(descriptor, &last, 1, status.st_size - 1) == 1 && last != UInt8(ascii: "\n")
    }

    private func opened() throws(FileError) -> Int32 {
        // `O_NONBLOCK`: opening a named pipe without a reader would block for ever.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw .last }
        // Writing to a pipe with a reader may block again.
        _ = fcntl(descriptor, F_SETFL, O_APPEND)
        return descriptor
    }
}
