// Reads the records of DNS messages.

import Telemetry

/// Reads names and records from the bytes of a message, whose names point back into it.
struct DNSReader {
    private static let maximumPointers = 64

    private let bytes: [UInt8]
    private(set) var place: Int

    init(_ bytes: [UInt8], place: Int) {
        self.bytes = bytes
        self.place = place
    }

    mutating func take(_ count: Int) throws(DNSMessage.Failure) -> ArraySlice<UInt8> {
        guard count <= bytes.count - place else { throw DNSMessage.Failure(reason: "it ends in the middle of a record") }
        defer { place += count }
        return bytes[place..<place + count]
    }

    mutating func number16() throws(DNSMessage.Failure) -> UInt16 { UInt16(try number(2)) }

    private mutating func number(_ count: Int) throws(DNSMessage.Failure) -> UInt32 { try take(count).reduce(0) { $0 << 8 | UInt32($1) } }

    /// Reads a name, with a dot after each label. (RFC 1035 §4.1.4.)
    mutating func name() throws(DNSMessage.Failure) -> String {
        var (text, at, end, pointers, length) = ("", place, Int?.none, 0, 0)
        while true {
            guard at < bytes.count else { throw DNSMessage.Failure(reason: "a name ends after the message") }
            let count = Int(bytes[at])
            switch count {
            case 0:
                place = end ?? at + 1
                return text.isEmpty ? "." : text
            case 1...63:
                length += count + 1
                guard at + 1 + count <= bytes.count, length <= 255 else { throw DNSMessage.Failure(reason: "a name is too long") }
                text += Self.label(bytes[(at + 1)..<(at + 1 + count)]) + "."
                at += 1 + count
            case 192...:
                guard at + 1 < bytes.count else { throw DNSMessage.Failure(reason: "a name ends after the message") }
                end = end ?? at + 2
                pointers += 1
                guard pointers <= Self.maximumPointers else { throw DNSMessage.Failure(reason: "a name points in a circle") }
                at = (count & 63) << 8 | Int(bytes[at + 1])
            default: throw DNSMessage.Failure(reason: "a name has a label of an unknown kind")
            }
        }
    }

    private static func label(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { byte in
            switch byte {
            case UInt8(ascii: "."), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ";"),
                UInt8(ascii: "@"), UInt8(ascii: "'"), UInt8(ascii: " "):
                "\\\(Character(Unicode.Scalar(byte)))"
            case 0x21...0x7E: String(Character(Unicode.Scalar(byte)))
            default: escape(byte)
            }
        }.joined()
    }

    private static func escape(_ byte: UInt8) -> String { "\\" + String(String(1_000 + Int(byte)).dropFirst()) }

    mutating func record() throws(DNSMessage.Failure) -> DNSMessage.Record {
        let name = try name()
        let type = DNSRecordType(number: try number16())
        let (recordClass, lifetime) = (try number16(), try number(4))
        let length = Int(try number16())
        guard length <= bytes.count - place else { throw DNSMessage.Failure(reason: "it ends in the middle of a record") }
        let end = place + length
        defer { place = end }
        let head = "\(name)\t\(lifetime)\t\(DNSNames.recordClass(recordClass))\t\(type.name)\t"
        var record = DNSMessage.Record(text: head + (try data(type, to: end)))
        if type == .startOfAuthority, length >= 20 {
            record.serial = bytes[(end - 20)..<(end - 16)].reduce(0) { $0 << 8 | UInt32($1) }
        }
        return record
    }

    private mutating func data(_ type: DNSRecordType, to end: Int) throws(DNSMessage.Failure) -> String {
        switch type.name {
        case "A" where end - place == 4: return try take(4).map(String.init).joined(separator: ".")
        case "AAAA" where end - place == 16: return Self.address(try take(16))
        case "NS", "CNAME", "PTR", "DNAME": return try name()
        case "MX": return "\(try number16()) \(try name())"
        case "SRV": return "\(try number16()) \(try number16()) \(try number16()) \(try name())"
        case "SOA":
            var parts = [try name(), try name()]
            for _ in 0..<5 { parts.append(String(try number(4))) }
            return parts.joined(separator: " ")
        case "TXT", "SPF":
            var texts: [String] = []
            while place < end {
                let count = Int(bytes[place])
                guard place + 1 + count <= end else { throw DNSMessage.Failure(reason: "a text ends after its record") }
                place += 1
                texts.append(Self.quoted(try take(count)))
            }
            return texts.joined(separator: " ")
        case "CAA" where end - place >= 2 && place + 2 + Int(bytes[place + 1]) <= end:
            let (flags, count) = (bytes[place], Int(bytes[place + 1]))
            place += 2
            let tag = String(decoding: try take(count), as: UTF8.self)
            return "\(flags) \(tag) \(Self.quoted(try take(end - place)))"
        default: return "\\# \(end - place) \(HexadecimalText.text(Array(try take(end - place))))"
        }
    }

    private static func quoted(_ bytes: ArraySlice<UInt8>) -> String {
        let text = bytes.map { byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\\(Character(Unicode.Scalar(byte)))"
            case 0x20...0x7E: String(Character(Unicode.Scalar(byte)))
            default: escape(byte)
            }
        }
        return "\"\(text.joined())\""
    }

    /// Returns the shortest form of an address. (RFC 5952 §4.)
    private static func address(_ bytes: ArraySlice<UInt8>) -> String {
        let all = Array(bytes)
        let groups = stride(from: 0, to: 16, by: 2).map { UInt16(all[$0]) << 8 | UInt16(all[$0 + 1]) }
        var (best, run): (Range<Int>, Range<Int>) = (0..<0, 0..<0)
        for (index, group) in groups.enumerated() {
            run = group == 0 ? (run.upperBound == index && !run.isEmpty ? run.lowerBound..<index + 1 : index..<index + 1) : 0..<0
            if run.count > best.count { best = run }
        }
        func text(_ range: Range<Int>) -> String { range.map { String(groups[$0], radix: 16) }.joined(separator: ":") }
        return best.count < 2 ? text(0..<8) : "\(text(0..<best.lowerBound))::\(text(best.upperBound..<8))"
    }
}
