// Rotation of log files by size.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The maximum size of a log file, and how many files are kept.
///
/// A full file is renamed: `app.jsonl` becomes `app.jsonl.1`, the previous `app.jsonl.1` becomes `app.jsonl.2`, and so on; the oldest
/// is removed. Together they never take more than `maximumSize * maximumFiles` bytes, except for a line that is larger than a file.
///
/// Several processes may write to the same file if they use the same rotation. Lines are never interleaved. One process rotates at a
/// time; lines that another process is writing at that moment go to the file that was just renamed, which may exceed its size a little.
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

    /// Returns how many of the bytes, in whole lines, fit into a file of that size; 0 if it is full.
    func room(for lines: UnsafeRawBufferPointer, inFileOf size: Int) -> Int {
        let room = max(0, maximumSize - size)
        if lines.count <= room { return lines.count }
        if let count = lines.wholeLines(within: room), count > 0 { return count }
        guard size == 0 else { return 0 }
        // A line larger than a file gets its own file.
        return lines.firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? lines.count
    }

    /// Renames the file and its predecessors.
    ///
    /// - Parameter descriptor: the file that was found full.
    /// - Returns: false if another process is rotating the file.
    func rotate(_ path: String, _ descriptor: Int32) throws(FileError) -> Bool {
        // A symbolic link is kept: its target is renamed.
        let path = Self.resolved(path)
        // The lock is released with the descriptor. On a file system without locks there is none.
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK { return false }
        // Another process may have renamed it before this one had the lock; the name then refers to a new file.
        guard Self.refers(path, to: descriptor) else { return true }
        for number in stride(from: maximumFiles - 1, to: 0, by: -1) {
            if rename(Self.name(path, number - 1), Self.name(path, number)) != 0 && errno != ENOENT { throw .last }
        }
        if maximumFiles == 1 && unlink(path) != 0 && errno != ENOENT { throw .last }
        return true
    }

    /// Checks that files can be renamed in the directory of this one.
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

    private static func refers(_ path: String, to descriptor: Int32) -> Bool {
        var (named, opened) = (stat(), stat())
        guard stat(path, &named) == 0, fstat(descriptor, &opened) == 0 else { return false }
        return named.st_ino == opened.st_ino && named.st_dev == opened.st_dev
    }
}
