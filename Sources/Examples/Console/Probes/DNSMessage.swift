// Queries of DNS and their answers. (RFC 1035 §4.)

import Telemetry

/// An answer, with its records as text.
struct DNSMessage: Equatable {
    /// A record of a section.
    struct Record: Equatable {
        /// In the form of zone files: name, time to live, class, type and data with tabs between them.
        let text: String
        /// The serial number of an SOA record.
        var serial: UInt32?
    }

    /// The reason why bytes are no answer.
    struct Failure: Error, Equatable {
        let reason: String
    }

    private static let maximumRecords = 1_000

    let responseCode: UInt8
    let isTruncated: Bool
    var answers: [Record] = []
    var authorities: [Record] = []
    var additionals: [Record] = []

    /// Returns the bytes of a query; nil if the name is none.
    static func query(_ name: String, _ type: DNSRecordType, _ recordClass: UInt16, id: UInt16, wantsRecursion: Bool) -> [UInt8]? {
        var bytes: [UInt8] = [UInt8(id >> 8), UInt8(id & 0xFF), wantsRecursion ? 1 : 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let isRoot = name.isEmpty || name == "."
        if !isRoot {
            for (index, label) in labels.enumerated() {
                if label.isEmpty, index == labels.count - 1 { continue }
                guard (1...63).contains(label.utf8.count) else { return nil }
                bytes += [UInt8(label.utf8.count)] + label.utf8
            }
        }
        bytes.append(0)
        guard bytes.count - 12 <= 255 else { return nil }
        return bytes + [UInt8(type.number >> 8), UInt8(type.number & 0xFF), UInt8(recordClass >> 8), UInt8(recordClass & 0xFF)]
    }

    /// Returns whether bytes are an answer to a query: the number and the question must be the same.
    static func isAnswer(_ bytes: [UInt8], to query: [UInt8]) -> Bool {
        guard bytes.count >= 12, query.count >= 12, bytes[0] == query[0], bytes[1] == query[1], bytes[2] & 0x80 != 0 else { return false }
        // A server that does not understand a query may leave it out.
        guard bytes[4] != 0 || bytes[5] != 0 else { return true }
        let question = query[12...]
        guard bytes.count >= query.count else { return false }
        return zip(bytes[12..<query.count], question).allSatisfy { Self.lowercased($0) == Self.lowercased($1) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { (65...90).contains(byte) ? byte + 32 : byte }

    init(_ bytes: [UInt8]) throws(Failure) {
        guard bytes.count >= 12 else { throw Failure(reason: "it has less than 12 bytes") }
        var reader = DNSReader(bytes, place: 2)
        let flags = try reader.number16()
        responseCode = UInt8(flags & 15)
        isTruncated = flags & 0x200 != 0
        let counts = [try reader.number16(), try reader.number16(), try reader.number16(), try reader.number16()].map { Int($0) }
        guard counts.reduce(0, +) <= Self.maximumRecords else { throw Failure(reason: "it has more than \(Self.maximumRecords) records") }
        for _ in 0..<counts[0] {
            _ = try reader.name()
            _ = try reader.take(4)
        }
        for _ in 0..<counts[1] { answers.append(try reader.record()) }
        for _ in 0..<counts[2] { authorities.append(try reader.record()) }
        for _ in 0..<counts[3] { additionals.append(try reader.record()) }
    }
}
