// When a file that lines are appended to gives way to a new one, and what becomes of the old ones.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// How large a log file becomes, and how many of them are kept.
///
/// A file that is full is renamed: `app.jsonl` becomes `app.jsonl.1`, what bore that name before becomes `app.jsonl.2`, and so on; the
/// oldest is removed. Together they never take more than `maximumSize * maximumFiles` bytes, but for a line that is larger than a file.
///
/// Several processes may write to the same file if they are given the same rotation. Lines are never torn. One process renames
/// at a time; lines that another one is writing at that moment end in the file that was just renamed, which may so become a little
/// larger.
public struct FileRotation: Sendable, Hashable {
    /// The most bytes of a file; at least 1.
    public var maximumSize: Int
    /// How many files there are at most, the one that is being written to included; from 1 to 1000.
    public var maximumFiles: Int

    /// - Parameters:
    ///   - maximumSize: the most bytes of a file.
    ///   - maximumFiles: how many files there are at most, the one that is being written to included.
    public init(maximumSize: Int = 64 << 20, maximumFiles: Int = 5) {
        self.maximumSize = maximumSize
        self.maximumFiles = maximumFiles
    }

    var isUsable: Bool { maximumSize >= 1 && (1...1000).contains(maximumFiles) }

    /// How many of these bytes, whole lines, a file of that size takes; 0 when it is full.
    func room(for lines: UnsafeRawBufferPointer, inFileOf size: Int) -> Int {
        let room = max(0, maximumSize - size)
        if lines.count <= room { return lines.count }
        if let count = lines.wholeLines(within: room), count > 0 { return count }
        guard size == 0 else { return 0 }
        // A line that no file can hold has one of its own.
        return lines.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? lines.count
    }

    /// Gives the file another name, and those before it too.
    ///
    /// - Parameter descriptor: the file that was found full.
    /// - Returns: false when somebody else is just doing the same.
    func rotate(_ path: String, _ descriptor: Int32) throws(FileError) -> Bool {
        // A link stays where it is: what it leads to is renamed.
        let path = Self.resolved(path)
        // The lock ends with the descriptor. A file system without locks is used without.
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK { return false }
        // Another process may have renamed it before we had the lock; the name then leads to a file that is not full.
        guard Self.leads(path, to: descriptor) else { return true }
        for number in stride(from: maximumFiles - 1, to: 0, by: -1) {
            if rename(Self.name(path, number - 1), Self.name(path, number)) != 0 && errno != ENOENT { throw .last }
        }
        if maximumFiles == 1 && unlink(path) != 0 && errno != ENOENT { throw .last }
        return true
    }

    /// Makes sure that files can be renamed where this one lies.
    static func check(_ path: String) throws(FileError) {
        let path = resolved(path)
        let end = path.lastIndex(of: "/")
        let directory = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        if access(directory, W_OK | X_OK) != 0 { throw .last }
    }

    private static func name(_ path: String, _ number: Int) -> String { number == 0 ? path : "\(path).\(number)" }

    private static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func leads(_ path: String, to descriptor: Int32) -> Bool {
        var (named, opened) = (stat(), stat())
        guard stat(path, &named) == 0, fstat(descriptor, &opened) == 0 else { return false }
        return named.st_ino == opened.st_ino && named.st_dev == opened.st_dev
    }
}
