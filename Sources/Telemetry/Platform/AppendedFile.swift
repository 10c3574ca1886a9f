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
    let rotation: FileRotation?

    /// - Parameter rotation: when the file gives way to a new one; nil where that is the business of others.
    init(path: String, rotation: FileRotation? = nil) {
        self.path = path
        self.rotation = rotation
    }

    /// Opens the file, makes it if there is none, and closes it again. What is made can be read and written by its owner alone.
    func check() throws(FileError) {
        close(try opened())
        if rotation != nil { try FileRotation.check(path) }
    }

    /// Appends lines at the end, as one write where the system takes them whole.
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

    /// Opens a file with room, and tells how many of the bytes go into it.
    private func place(for lines: UnsafeRawBufferPointer) throws(FileError) -> (descriptor: Int32, count: Int) {
        // Others may fill the next one meanwhile, but hardly several times in a row.
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

    /// How many of the bytes go into the file before the next one; nil when it was full, and the name is free for the next one.
    private func count(of lines: UnsafeRawBufferPointer, in descriptor: Int32) throws(FileError) -> Int? {
        guard let rotation else { return lines.count }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return lines.count }
        let count = rotation.room(for: lines, inFileOf: Int(status.st_size))
        guard count == 0, !lines.isEmpty else { return count }
        // While somebody else renames it, it takes a little more.
        return try rotation.rotate(path, descriptor) ? nil : lines.count
    }

    /// Whether what was appended last, perhaps by a process that is no more, lacks the end of its line.
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
        // Without waiting: a named pipe that nobody reads would hold us up for ever.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { throw .last }
        // One that somebody reads takes as much as it can at a time, and the rest is waited for.
        _ = fcntl(descriptor, F_SETFL, O_APPEND)
        return descriptor
    }
}
