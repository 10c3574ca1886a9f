// Which directory a process keeps its batches in, so that no two processes meet, and what the dead have left is found.

/// The part of a spool's directory that belongs to this process: `<directory>/<signal and receiver>/<number>`.
///
/// A lock on a file in it says that its owner lives. It ends with the process, however that ends.
struct SpoolDirectory: Sendable {
    static let lockName = "lock"
    /// Processes that can share a directory for one signal and receiver.
    static let maximumProcesses = 256

    private let base: FileDirectory
    private let number: Int
    private let lock: FileLock
    let files: FileDirectory
    /// Where it is, for people.
    let path: String

    /// Takes the first part that nobody owns.
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

    /// What a signal's batches for a receiver are kept under: for people the host, for certainty a check of the whole address.
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

    /// The parts that belonged to processes that are gone; each is locked while the closure has it.
    func forEachAbandoned(_ body: (FileDirectory) -> Void) throws(FileError) {
        let numbers = try base.entries { name in Int(name).flatMap { String($0) == name ? $0 : nil } }
        for other in numbers.sorted() where other != number && (0..<Self.maximumProcesses).contains(other) {
            guard let files = try? base.subdirectory(String(other)), let lock = try? files.lock(Self.lockName) else { continue }
            withExtendedLifetime(lock) { body(files) }
        }
    }
}
