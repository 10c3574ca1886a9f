// The file system of the spool and of log files.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// An exclusive lock on a file; released with the last reference to it, or when the process ends.
final class FileLock: Sendable {
    private let descriptor: Int32

    fileprivate init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}

/// A directory that is held open, so that its files are found even after it was renamed.
///
/// The files and directories that it creates are accessible to their owner alone.
final class FileDirectory: Sendable {
    private let descriptor: Int32

    private init(owning descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// Opens a directory; creates it and its parents if they are missing.
    static func open(_ path: String) throws(FileError) -> FileDirectory {
        var descriptor = openDirectory(AT_FDCWD, path)
        if descriptor < 0 && errno == ENOENT {
            var made = path.hasPrefix("/") ? "/" : ""
            for part in path.split(separator: "/") {
                let parent = made.isEmpty ? "." : made
                made += made.isEmpty || made.hasSuffix("/") ? part : "/\(part)"
                if mkdir(made, 0o700) != 0 {
                    if errno != EEXIST { throw .last }
                } else {
                    // Files below would be lost with an entry that was not written to disk.
                    let above = openDirectory(AT_FDCWD, parent)
                    fsync(above)
                    if above >= 0 { close(above) }
                }
            }
            descriptor = openDirectory(AT_FDCWD, path)
        }
        guard descriptor >= 0 else { throw .last }
        return FileDirectory(owning: descriptor)
    }

    /// Opens a directory in this one; creates it if it is missing.
    func subdirectory(_ name: String) throws(FileError) -> FileDirectory {
        if mkdirat(descriptor, name, 0o700) == 0 {
            fsync(descriptor)
        } else if errno != EEXIST {
            throw .last
        }
        let opened = Self.openDirectory(descriptor, name)
        guard opened >= 0 else { throw .last }
        return FileDirectory(owning: opened)
    }

    private static func openDirectory(_ base: Int32, _ path: String) -> Int32 {
        openat(base, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }

    // MARK: Looking

    /// Returns what the closure makes of the names in the directory, in no order, without nil.
    func entries<Entry>(_ entry: (String) -> Entry?) throws(FileError) -> [Entry] {
        let own = Self.openDirectory(descriptor, ".")
        guard own >= 0 else { throw .last }
        guard let stream = fdopendir(own) else {
            let error = FileError.last
            close(own)
            throw error
        }
        defer { closedir(stream) }
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return [] }
        var found: [Entry] = []
        while let next = readdir(stream) {
            let name = (UnsafeRawPointer(next) + offset).assumingMemoryBound(to: CChar.self)
            if let entry = entry(String(cString: name)) { found.append(entry) }
        }
        return found
    }

    /// Returns the size of a regular file; nil if there is none of that name.
    func size(of name: String) -> Int? {
        var status = stat()
        guard fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Returns the bytes of a regular file; throws if it is larger than the limit.
    func read(_ name: String, atMost limit: Int) throws(FileError) -> [UInt8] {
        // `O_NONBLOCK`: opening a named pipe would block.
        let file = openat(descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { throw .last }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .last }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        guard status.st_size <= limit else { throw .tooLarge }
        let size = Int(status.st_size)
        var error: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
            while filled < size, let base = buffer.baseAddress {
                let count = pread(file, base + filled, size - filled, off_t(filled))
                if count < 0 && errno == EINTR { continue }
                if count < 0 { error = .last }
                // A file that was truncated meanwhile is returned as it is.
                guard count > 0 else { return }
                filled += count
                assert(filled <= size, "The system reads no more than there is room for.")
            }
        }
        if let error { throw error }
        return bytes
    }

    // MARK: Changing

    /// The suffix of files that are being written; a leftover one may be removed.
    static let partialSuffix = ".partial"

    /// Writes a new file atomically: it has its name only once it holds all bytes.
    ///
    /// - Parameter isDurable: whether the file must survive a loss of power once this returns.
    func write(_ name: String, _ pieces: [UnsafeRawBufferPointer], isDurable: Bool) throws(FileError) {
        let partial = name + Self.partialSuffix
        let file = openat(descriptor, partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .last }
        var error = Self.append(pieces, to: file)
        if error == nil && isDurable && fsync(file) != 0 { error = .last }
        // Some file systems report a full disk only here.
        if close(file) != 0 && error == nil { error = .last }
        if error == nil && renameat(descriptor, partial, descriptor, name) != 0 { error = .last }
        if let error {
            unlinkat(descriptor, partial, 0)
            throw error
        }
        guard isDurable else { return }
        do throws(FileError) {
            try synchronize()
        } catch {
            unlinkat(descriptor, name, 0)
            throw error
        }
    }

    /// Writes all the pieces; returns the error, if there was one.
    private static func append(_ pieces: [UnsafeRawBufferPointer], to file: Int32) -> FileError? {
        var pieces = pieces
        var first = 0
        while first < pieces.count {
            let outcome = pieces[first...].withVectors { vectors -> Result<Int, FileError> in
                while true {
                    let count = writev(file, vectors.baseAddress, Int32(vectors.count))
                    if count >= 0 { return .success(count) }
                    if errno != EINTR { return .failure(.last) }
                }
            }
            switch outcome {
            case .success(let count): pieces.skip(count, from: &first)
            case .failure(let error): return error
            }
        }
        return nil
    }

    /// Renames a file; replaces a file that has the new name.
    func rename(_ name: String, to newName: String, in other: FileDirectory? = nil) throws(FileError) {
        if renameat(descriptor, name, (other ?? self).descriptor, newName) != 0 { throw .last }
    }

    /// Removes a file, or truncates it if it cannot be removed. A missing file is no error.
    func remove(_ name: String) throws(FileError) {
        guard unlinkat(descriptor, name, 0) != 0, errno != ENOENT else { return }
        let error = FileError.last
        let file = openat(descriptor, name, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard file >= 0 else { throw error }
        close(file)
    }

    /// Writes the entries of the directory to disk, so that they survive a loss of power.
    func synchronize() throws(FileError) {
        if fsync(descriptor) != 0 { throw .last }
    }

    /// Writes the bytes of a file to disk, so that they survive a loss of power. A missing file is no error.
    func synchronize(_ name: String) throws(FileError) {
        let file = openat(descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        if file < 0 && errno == ENOENT { return }
        guard file >= 0 else { throw .last }
        defer { close(file) }
        if fsync(file) != 0 { throw .last }
    }

    /// Acquires the lock of a file, which is created if it is missing; nil if another owner has it.
    func lock(_ name: String) throws(FileError) -> FileLock? {
        let file = openat(descriptor, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .last }
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            let error = FileError.last
            if error.code == EINTR { continue }
            close(file)
            if error.code == EWOULDBLOCK { return nil }
            throw error
        }
        return FileLock(owning: file)
    }
}
