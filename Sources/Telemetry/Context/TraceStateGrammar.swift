// The grammar of the `tracestate` header: walks over its members without allocating.

/// The grammar of the `tracestate` header. (W3C Trace Context Level 2, "list-members".)
enum TraceStateGrammar {
    enum Verdict: Equatable {
        /// Not a list, or of more members than may be.
        case invalid
        /// A list with white space, empty members or repeated keys.
        case valid
        /// A list as we would write it ourselves.
        case canonical
    }

    static let maximumKeyLength = 256
    static let maximumValueLength = 256

    /// Tells whether a header value is a list.
    static func check(_ text: String) -> Verdict {
        text.withHeaderBytes { bytes in
            withUnsafeTemporaryAllocation(of: Range<Int>.self, capacity: TraceState.maximumMemberCount) { keys in
                check(bytes, seenKeys: keys)
            }
        }
    }

    private static func check(
        _ bytes: UnsafeBufferPointer<UInt8>, seenKeys: UnsafeMutableBufferPointer<Range<Int>>
    ) -> Verdict {
        var walk = MemberWalk(bytes: bytes)
        var count = 0
        var canonicalLength = -1
        var hasRepeatedKey = false
        while true {
            switch walk.next() {
            case .invalid: return .invalid
            case .end: return !hasRepeatedKey && (canonicalLength == bytes.count || bytes.isEmpty) ? .canonical : .valid
            case .member(let key, let value):
                guard count < TraceState.maximumMemberCount else { return .invalid }
                for place in 0..<count where areEqual(seenKeys[place], key, in: bytes) { hasRepeatedKey = true }
                seenKeys.initializeElement(at: count, to: key)
                count += 1
                canonicalLength += key.count + value.count + 2
            }
        }
    }

    /// The members of a valid list, repeated keys included.
    static func members(of text: String) -> [(key: String, value: String)] {
        text.withHeaderBytes { bytes in
            var members: [(key: String, value: String)] = []
            var walk = MemberWalk(bytes: bytes)
            while case .member(let key, let value) = walk.next() {
                members.append((String(decoding: bytes[key], as: UTF8.self), String(decoding: bytes[value], as: UTF8.self)))
            }
            return members
        }
    }

    /// The value for a key in a valid list.
    static func value(for key: String, in text: String) -> String? {
        text.withHeaderBytes { bytes in
            var walk = MemberWalk(bytes: bytes)
            while case .member(let place, let value) = walk.next() {
                if place.count == key.utf8.count, bytes[place].elementsEqual(key.utf8) {
                    return String(decoding: bytes[value], as: UTF8.self)
                }
            }
            return nil
        }
    }

    static func isKey(_ text: String) -> Bool {
        guard let first = text.utf8.first, isKeyStart(first), text.utf8.count <= maximumKeyLength else { return false }
        return text.utf8.allSatisfy(isKeyByte)
    }

    static func isValue(_ text: String) -> Bool {
        guard let last = text.utf8.last, last != UInt8(ascii: " "), text.utf8.count <= maximumValueLength else { return false }
        return text.utf8.allSatisfy(isValueByte)
    }

    /// One bit for each ASCII character: `a` to `z` and digits.
    private static let keyStarts: (low: UInt64, high: UInt64) = (0x03FF_0000_0000_0000, 0x07FF_FFFE_0000_0000)
    /// Those, and `_ - * / @`.
    private static let keyBytes: (low: UInt64, high: UInt64) = (0x03FF_A400_0000_0000, 0x07FF_FFFE_8000_0001)

    @inline(__always)
    private static func isKeyStart(_ byte: UInt8) -> Bool { contains(keyStarts, byte) }

    @inline(__always)
    private static func isKeyByte(_ byte: UInt8) -> Bool { contains(keyBytes, byte) }

    @inline(__always)
    private static func contains(_ set: (low: UInt64, high: UInt64), _ byte: UInt8) -> Bool {
        byte < 128 && (byte < 64 ? set.low : set.high) &>> UInt64(byte & 63) & 1 != 0
    }

    @inline(__always)
    private static func isValueByte(_ byte: UInt8) -> Bool {
        HeaderGrammar.isPrintable(byte) && byte != HeaderGrammar.comma && byte != HeaderGrammar.equals
    }

    private static func areEqual(_ left: Range<Int>, _ right: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        left.count == right.count && bytes[left].elementsEqual(bytes[right])
    }
}

extension TraceStateGrammar {
    /// Steps from member to member and holds each to the grammar.
    private struct MemberWalk {
        enum Step {
            case member(key: Range<Int>, value: Range<Int>)
            case end
            case invalid
        }

        let bytes: UnsafeBufferPointer<UInt8>
        private var position = 0

        init(bytes: UnsafeBufferPointer<UInt8>) {
            self.bytes = bytes
        }

        mutating func next() -> Step {
            while position < bytes.count, HeaderGrammar.isWhiteSpace(bytes[position]) || bytes[position] == HeaderGrammar.comma {
                position += 1
            }
            guard position < bytes.count else { return .end }
            guard let key = key(), let value = value() else { return .invalid }
            return .member(key: key, value: value)
        }

        /// Takes a key and its equals sign.
        private mutating func key() -> Range<Int>? {
            let start = position
            guard isKeyStart(bytes[start]) else { return nil }
            while position < bytes.count, isKeyByte(bytes[position]) { position += 1 }
            guard position - start <= maximumKeyLength, position < bytes.count, bytes[position] == HeaderGrammar.equals else { return nil }
            position += 1
            return start..<position - 1
        }

        /// Takes a value up to the next comma; white space at its end is not part of it.
        private mutating func value() -> Range<Int>? {
            let start = position
            var end = position
            var hasTab = false
            while position < bytes.count {
                let plain = HeaderGrammar.plainPrefixLength(of: bytes, from: position)
                if plain > 0 {
                    guard !hasTab else { return nil }
                    position += plain
                    end = position
                    continue
                }
                let byte = bytes[position]
                if byte == HeaderGrammar.comma { break }
                guard HeaderGrammar.isWhiteSpace(byte) else { return nil }
                hasTab = hasTab || byte != UInt8(ascii: " ")
                position += 1
            }
            return end > start && end - start <= maximumValueLength ? start..<end : nil
        }
    }
}
