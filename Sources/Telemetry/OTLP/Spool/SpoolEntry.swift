// A batch on disk by the name of its file.

/// A batch that waits on disk. The name of its file holds everything that is needed before it is read.
struct SpoolEntry: Hashable, Sendable {
    /// The place in the order of batches.
    var sequence: UInt64
    /// The time of writing, in milliseconds since 1970.
    var created: UInt64
    let itemCount: Int
    /// The size of the whole file.
    let byteCount: Int
    /// True if an earlier process has written it.
    var isRecovered = false

    private static let suffix = ".batch"
    /// The suffix that a damaged file is renamed with.
    static let damagedSuffix = ".corrupt"

    /// The name of the file, as `01763712000123456789-1763712000123-512.batch`; names sort as their batches do.
    var name: String {
        let digits = String(sequence)
        return "\(String(repeating: "0", count: 20 - digits.utf8.count))\(digits)-\(created)-\(itemCount)\(Self.suffix)"
    }

    /// The bytes of disk that the file takes, its name and the rest of its last block included.
    var diskBytes: Int { Self.diskBytes(byteCount) }

    static func diskBytes(_ byteCount: Int) -> Int { (byteCount / 4096 + 1) * 4096 }

    init(sequence: UInt64, created: UInt64, itemCount: Int, byteCount: Int, isRecovered: Bool = false) {
        self.sequence = sequence
        self.created = created
        self.itemCount = itemCount
        self.byteCount = byteCount
        self.isRecovered = isRecovered
    }

    /// Reads a name; nil if it is not one that ``name`` returns.
    init?(name: String, byteCount: Int) {
        guard name.hasSuffix(Self.suffix) else { return nil }
        let parts = name.dropLast(Self.suffix.utf8.count).split(separator: "-", omittingEmptySubsequences: false)
        // Numbers near the end of their range are refused, since later ones must fit.
        guard parts.count == 3, let sequence = UInt64(parts[0]), sequence < .max / 2, let created = UInt64(parts[1]), created < .max / 2,
            let itemCount = UInt32(parts[2])
        else { return nil }
        self.init(sequence: sequence, created: created, itemCount: Int(itemCount), byteCount: byteCount, isRecovered: true)
        guard self.name == name else { return nil }
    }
}
