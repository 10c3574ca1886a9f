// Parses `tracestate` without allocating.

/// The grammar of the `tracestate` header. (W3C Trace Context Level 2, "list-members".)
enum TraceStateGrammar {
    enum Verdict: Equatable {
        /// Not a list, or a list with too many members.
        case invalid
        /// A list with white space, empty members or repeated keys.
        case valid
        /// A list in the form that ``TraceState`` writes.
        case canonical
    }

    /// The most members of a list. (W3C Trace Context, "tracestate Header Field Values".)
    static let maximumMemberCount = 32
    static let maximumKeyLength = 256
    static let maximumValueLength = 256

    /// Checks whether a header value is a list, and whether it is canonical.
    static func check(_ text: String) -> Verdict {
        text.withHeaderBytes { bytes in
            withUnsafeTemporaryAllocation(of: Range<Int>.self, capacity: maximumMemberCount) { keys in
                check(bytes, seenKeys: keys)
            }
        }
    }

    private static func check(
        _ bytes: UnsafeBufferPointer<UInt8>, seenKeys: UnsafeMutableBufferPointer<Range<Int>>
    ) -> Verdict {
        var iterator = MemberIterator(bytes: bytes)
        var count = 0
        var canonicalLength = -1
        var hasRepeatedKey = false
        while true {
            switch iterator.next() {
            case .invalid: return .invalid
            case .end: return !hasRepeatedKey && (canonicalLength == bytes.count || bytes.isEmpty) ? .canonical : .valid
            case .member(let key, let value):
                guard count < maximumMemberCount else { return .invalid }
                for place in 0..<count where areEqual(seenKeys[place], key, in: bytes) { hasRepeatedKey = true }
                assert(count < seenKeys.count, "There is room for as many keys as a list may have.")
                seenKeys.initializeElement(at: count, to: key)
                count &+= 1
                canonicalLength &+= key.count &+ value.count &+ 2
            }
        }
    }

    /// Returns the members of a valid list, repeated keys included.
    static func members(of text: String) -> [(key: String, value: String)] {
        text.withHeaderBytes { bytes in
            var members: [(key: String, value: String)] = []
            var iterator = MemberIterator(bytes: bytes)
            while case .member(let key, let value) = iterator.next() {
                members.append((String(decoding: bytes[key], as: UTF8.self), String(decoding: bytes[value], as: UTF8.self)))
            }
            return members
        }
    }

    /// Returns the value for a key in a valid list.
    static func value(for key: String, in text: String) -> String? {
        text.withHeaderBytes { bytes in
            var iterator = MemberIterator(bytes: bytes)
            while case .member(let place, let value) = iterator.next() {
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

    @inline(__always)
    private static func isKeyStart(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10 }

    @inline(__always)
    private static func isKeyByte(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "a") < 26 || isRarerKeyByte(byte) }

    /// Returns whether a byte is a digit or one of `_ - * / @`: by a bit set for characters below 64, and another for those from 64.
    @inline(__always)
    private static func isRarerKeyByte(_ byte: UInt8) -> Bool {
        byte < 128 && (byte < 64 ? 0x03FF_A400_0000_0000 : 0x8000_0001 as UInt64) &>> UInt64(byte & 63) & 1 != 0
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
    /// Iterates over the members and checks each against the grammar.
    private struct MemberIterator {
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

        @inline(__always)
        mutating func next() -> Step {
            while position < bytes.count, bytes[position] <= HeaderGrammar.comma, isSeparator(bytes[position]) { position &+= 1 }
            guard position < bytes.count else { return .end }
            guard let key = key(), let value = value() else { return .invalid }
            return .member(key: key, value: value)
        }

        @inline(__always)
        private func isSeparator(_ byte: UInt8) -> Bool { HeaderGrammar.isWhiteSpace(byte) || byte == HeaderGrammar.comma }

        /// Consumes a key and its equals sign.
        @inline(__always)
        private mutating func key() -> Range<Int>? {
            assert(position < bytes.count, "A member has a first byte.")
            let start = position
            guard isKeyStart(bytes[start]) else { return nil }
            var end = start &+ 1
            while end < bytes.count, isKeyByte(bytes[end]) { end &+= 1 }
            guard end &- start <= maximumKeyLength, end < bytes.count, bytes[end] == HeaderGrammar.equals else { return nil }
            position = end &+ 1
            return Range(uncheckedBounds: (start, end))
        }

        /// Consumes a value up to the next comma; white space at its end is not part of it.
        @inline(__always)
        private mutating func value() -> Range<Int>? {
            assert(position <= bytes.count, "The position lies within the bytes.")
            let start = position
            var place = start
            var end = start
            while true {
                place = HeaderGrammar.endOfPlain(in: bytes, from: place)
                end = place
                guard place < bytes.count, bytes[place] != HeaderGrammar.comma else { break }
                // White space belongs to the value only between other characters, and a tab never does.
                var hasTab = false
                while place < bytes.count, HeaderGrammar.isWhiteSpace(bytes[place]) {
                    hasTab = hasTab || bytes[place] == 0x09
                    place &+= 1
                }
                guard place < bytes.count, bytes[place] != HeaderGrammar.comma else { break }
                guard place > end, !hasTab else { return nil }
            }
            position = place
            return end > start && end &- start <= maximumValueLength ? Range(uncheckedBounds: (start, end)) : nil
        }
    }
}
