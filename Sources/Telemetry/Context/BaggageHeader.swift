// The format of baggage on the wire: lenient when it is read, strict when it is written, limited in both cases.

/// The `baggage` header. (W3C Baggage, "Header Content".)
enum BaggageHeader {
    static let name = "baggage"
    /// The limits that every platform must support; members beyond them are dropped whole. (W3C Baggage, "Limits".)
    static let maximumMemberCount = 64
    static let maximumLength = 8192

    /// A result with the numbers of dropped members: those that are malformed or cannot be sent, and those over a limit.
    struct Outcome<Result> {
        var result: Result
        var invalidCount = 0
        var overLimitCount = 0
    }

    /// Reads the values of all `baggage` headers in order.
    ///
    /// A malformed member is skipped; a repeated name takes its last value.
    static func parse(_ values: [String]) -> Outcome<Baggage> {
        var outcome = Outcome(result: Baggage.empty)
        var entries: [Baggage.Entry] = []
        var length = -1
        for value in values {
            value.withHeaderBytes { bytes in
                var start = 0
                while start < bytes.count {
                    let end = bytes[start...].firstIndex(of: HeaderGrammar.comma) ?? bytes.count
                    let member = HeaderGrammar.trimmed(start..<end, of: bytes)
                    start = end + 1
                    if member.isEmpty { continue }
                    if length + member.count >= maximumLength {
                        outcome.overLimitCount += 1
                        length = maximumLength
                    } else if let entry = entry(UnsafeBufferPointer(rebasing: bytes[member])) {
                        length += member.count + 1
                        entries.update(entry)
                        if entries.count > maximumMemberCount {
                            entries.removeLast()
                            outcome.overLimitCount += 1
                        }
                    } else {
                        outcome.invalidCount += 1
                    }
                }
            }
        }
        outcome.result = Baggage(uniqueEntries: entries)
        return outcome
    }

    /// Returns the header value for baggage; empty if no entry can be sent.
    static func text(_ baggage: Baggage) -> Outcome<String> {
        var outcome = Outcome(result: "")
        var bytes: [UInt8] = []
        var memberCount = 0
        var isFull = false
        for entry in baggage.entries {
            guard entry.name.utf8.allSatisfy(TokenCharacters.contains) else {
                outcome.invalidCount += 1
                continue
            }
            let start = bytes.count
            append(entry, to: &bytes, isFirst: memberCount == 0)
            isFull = isFull || memberCount == maximumMemberCount || bytes.count > maximumLength
            if isFull {
                bytes.removeSubrange(start...)
                outcome.overLimitCount += 1
            } else {
                memberCount += 1
            }
        }
        outcome.result = String(decoding: bytes, as: UTF8.self)
        return outcome
    }
}

extension BaggageHeader {
    /// Parses one member: `name = value ; properties`.
    private static func entry(_ bytes: UnsafeBufferPointer<UInt8>) -> Baggage.Entry? {
        let pairEnd = bytes.firstIndex(of: HeaderGrammar.semicolon) ?? bytes.count
        guard let equals = bytes[..<pairEnd].firstIndex(of: HeaderGrammar.equals) else { return nil }
        let name = HeaderGrammar.trimmed(0..<equals, of: bytes)
        let value = HeaderGrammar.trimmed(equals + 1..<pairEnd, of: bytes)
        let metadata = HeaderGrammar.trimmed(min(pairEnd + 1, bytes.count)..<bytes.count, of: bytes)
        guard !name.isEmpty, bytes[name].allSatisfy(TokenCharacters.contains), bytes[value].allSatisfy(isValueByte),
            bytes[metadata].allSatisfy(isMetadataByte)
        else { return nil }
        return Baggage.Entry(
            name: String(decoding: bytes[name], as: UTF8.self), value: PercentEncoding.decodeLeniently(bytes[value]),
            metadata: String(decoding: bytes[metadata], as: UTF8.self))
    }

    private static func append(_ entry: Baggage.Entry, to bytes: inout [UInt8], isFirst: Bool) {
        if !isFirst { bytes.append(HeaderGrammar.comma) }
        bytes.append(contentsOf: entry.name.utf8)
        bytes.append(HeaderGrammar.equals)
        append(entry.value, to: &bytes)
        // Metadata that would corrupt the header or add a member to it is dropped.
        guard !entry.metadata.isEmpty, entry.metadata.utf8.allSatisfy(isMetadataByte) else { return }
        bytes.append(HeaderGrammar.semicolon)
        bytes.append(contentsOf: entry.metadata.utf8)
    }

    /// Returns a value in which the percent sign and all that is no baggage-octet are percent-encoded.
    static func encoded(_ value: String) -> String {
        var bytes: [UInt8] = []
        append(value, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ value: String, to bytes: inout [UInt8]) {
        for byte in value.utf8 {
            if isValueByte(byte), byte != HeaderGrammar.percent {
                bytes.append(byte)
            } else {
                PercentEncoding.append(byte, to: &bytes)
            }
        }
    }

    /// Whether a byte is a baggage-octet: printable ASCII without space, quotation mark, comma, semicolon and backslash.
    private static func isValueByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\\"): false
        default: HeaderGrammar.isPrintable(byte)
        }
    }

    private static func isMetadataByte(_ byte: UInt8) -> Bool {
        (HeaderGrammar.isPrintable(byte) || byte == 0x09) && byte != HeaderGrammar.comma
    }
}
