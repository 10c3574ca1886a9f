// The ownership of directories: no two processes share one, and those of ended processes are found.

/// The part of a spool's directory that belongs to this process: `<directory>/<signal and receiver>/<number>`.
///
/// The owner holds a lock on a file in it, which the operating system releases when the process ends.
struct SpoolDirectory: Sendable {
    static let lockName = "lock"
    /// The number of processes that can share a directory for one signal and receiver.
    static let maximumProcesses = 256

    private let base: FileDirectory
    private let number: Int
    private let lock: FileLock
    let files: FileDirectory
    /// The path, for messages.
    let path: String

    /// Takes the first part that no process owns.
    init(_ path: String, name: String) throws(ConfigurationError) {
        do throws(FileError) {
            base = try FileDirectory.open(path).subdirectory(name)
            for number in 0..<Self.maximumProcesses {
                let files = try base.subdirectory(String(number))
                guard let lock = try files.lock(Self.lockName) else { continue }
                (self.number, self.files, self.lock) = (number, files, lock)
                self.path = "\(path)/\(name)/\(number)"
                return
            }
        } catch {
            throw ConfigurationError(setting: "spool", value: path, expected: "a directory where files can be made and locked (\(error))")
        }
        throw ConfigurationError(
            setting: "spool", value: path, expected: "a directory that fewer than \(Self.maximumProcesses) processes share")
    }

    /// Returns the name of the directory of a signal and receiver: the host for readability, a check of the whole address for uniqueness.
    static func name(signal: String, url: String) -> String {
        var check = CRC32C()
        let address = HTTPURL.withoutUserInformation(url)
        Array(address.utf8).withUnsafeBytes { check.add($0) }
        let digits = String(check.value, radix: 16)
        let start = address.firstRange(of: "://")?.upperBound ?? address.startIndex
        let host = address[start...].prefix { $0 != "/" && $0 != "?" }
        let readable = host.drop { $0 == "…" || $0 == "@" }.prefix(64).map { character in
            character.isASCII && (character.isLetter || character.isNumber || character == "." || character == "-") ? character : "_"
        }
        return "\(signal)-\(String(readable))-\(String(repeating: "0", count: 8 - digits.count))\(digits)"
    }

    /// Calls the closure with each part whose process has ended; the part is locked during the call.
    func forEachAbandoned(_ body: (FileDirectory) -> Void) throws(FileError) {
        let numbers = try base.entries { name in Int(name).flatMap { String($0) == name ? $0 : nil } }
        for other in numbers.sorted() where other != number && (0..<Self.maximumProcesses).contains(other) {
            guard let files = try? base.subdirectory(String(other)), let lock = try? files.lock(Self.lockName) else { continue }
            withExtendedLifetime(lock) { body(files) }
        }
    }
}
