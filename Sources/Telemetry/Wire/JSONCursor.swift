// Hot: the unchecked writer of JSON, to memory that has room.

/// Writes pieces of a JSON document one after another to memory that is known to be large enough.
///
/// No write is checked: the room must be reserved before. Texts are copied as they are; afterwards ``isPlain`` tells whether they needed no
/// escapes, and the last one may be written again with them. Appended to an array one by one, each piece would take 25 to 40 instructions more.
struct JSONCursor {
    private(set) var pointer: UnsafeMutableRawPointer
    /// The highest bit of a byte is set once a text had a byte that is not ASCII or needs an escape.
    private var foundBits: UInt64 = 0

    /// The most that a number or truth value takes.
    static let longestNumber = 32

    private static let eachByte: UInt64 = 0x0101_0101_0101_0101

    @inline(__always)
    init(_ pointer: UnsafeMutableRawPointer) {
        self.pointer = pointer
    }

    /// Whether all texts so far are ASCII without characters that need escapes.
    @inline(__always)
    var isPlain: Bool { foundBits & (Self.eachByte &* 0x80) == 0 }

    @inline(__always)
    mutating func byte(_ value: UInt8) {
        pointer.storeBytes(of: value, as: UInt8.self)
        pointer += 1
    }

    /// Writes bytes that are JSON already. Without a call for the few that they usually are.
    @inline(__always)
    mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 64, let source = bytes.baseAddress else { return move(bytes) { _ in } }
        pointer.copyMemory(from: source, byteCount: bytes.count)
        pointer += bytes.count
    }

    /// Writes a text that is known to be plain, with its quotes.
    @inline(__always)
    mutating func quoted(plain text: UnsafeRawBufferPointer) {
        byte(UInt8(ascii: "\""))
        copy(text)
        byte(UInt8(ascii: "\""))
    }

    /// Writes a text with its quotes; if it is not plain, ``isPlain`` becomes false.
    @inline(__always)
    mutating func quoted(checking text: UnsafeRawBufferPointer) {
        var found = foundBits
        byte(UInt8(ascii: "\""))
        move(text) { found |= Self.bits(ofNotPlain: $0) }
        byte(UInt8(ascii: "\""))
        foundBits = found
    }

    /// Writes a text anew, with escapes, that has just been written and was not plain; returns false if it is not ASCII.
    ///
    /// - Parameters:
    ///   - start: where its first quote is.
    ///   - end: where the room ends, which must be enough for the quotes and ``escapedRoom(for:)`` the text.
    mutating func rewrite(
        escaping text: UnsafeRawBufferPointer, from start: UnsafeMutableRawPointer, upTo end: UnsafeMutableRawPointer
    ) -> Bool {
        guard text.isASCII else { return false }
        assert(end - start >= 2 + Self.escapedRoom(for: text.count), "There is room for escapes of all bytes.")
        pointer = start
        foundBits = 0
        byte(UInt8(ascii: "\""))
        _ = escape(text, from: 0, upTo: text.count)
        byte(UInt8(ascii: "\""))
        return true
    }

    /// Copies bytes, eight at a time, and shows each of them to the closure, with further plain ones.
    @inline(__always)
    private mutating func move(_ bytes: UnsafeRawBufferPointer, _ inspect: (UInt64) -> Void) {
        let count = bytes.count
        guard let source = bytes.baseAddress, count > 0 else { return }
        if count >= 8 {
            var offset = 0
            while offset &+ 8 < count {
                inspect(word(of: source, at: offset))
                offset &+= 8
            }
            // The last move overlaps the one before it.
            inspect(word(of: source, at: count &- 8))
        } else if count >= 4 {
            let (low, high) = (source.loadUnaligned(as: UInt32.self), source.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
            pointer.storeBytes(of: low, as: UInt32.self)
            pointer.storeBytes(of: high, toByteOffset: count &- 4, as: UInt32.self)
            inspect(UInt64(low) | UInt64(high) << 32)
        } else {
            let first = source.load(as: UInt8.self)
            let middle = source.load(fromByteOffset: count >> 1, as: UInt8.self)
            let last = source.load(fromByteOffset: count &- 1, as: UInt8.self)
            pointer.storeBytes(of: first, as: UInt8.self)
            pointer.storeBytes(of: middle, toByteOffset: count >> 1, as: UInt8.self)
            pointer.storeBytes(of: last, toByteOffset: count &- 1, as: UInt8.self)
            inspect(UInt64(first) | UInt64(middle) << 8 | UInt64(last) << 16 | Self.eachByte &* 0x30 << 24)
        }
        pointer += count
    }

    @inline(__always)
    private func word(of source: UnsafeRawPointer, at offset: Int) -> UInt64 {
        let word = source.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        pointer.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
        return word
    }

    /// Returns bits of which the highest of a byte is set if any of eight bytes is not ASCII or needs an escape.
    @inline(__always)
    static func bits(ofNotPlain word: UInt64) -> UInt64 {
        let quotes = word ^ (eachByte &* 0x22)
        let backslashes = word ^ (eachByte &* 0x5C)
        // The subtraction borrows the highest bit of a byte that is zero, or less than the number.
        return word | (word &- eachByte &* 0x20) | (quotes &- eachByte) | (backslashes &- eachByte)
    }
}

extension JSONCursor {
    /// Returns the most that ``escape(_:from:upTo:)`` writes, and touches behind that, for so many bytes.
    static func escapedRoom(for count: Int) -> Int { 6 * (count + 8) }

    /// Writes valid UTF-8 from the beginning of a character on, up to another place or a few bytes behind it, and escapes what JSON forbids and
    /// what some readers take for the end of a line. Returns the place of the next byte.
    ///
    /// What needs no escapes is copied eight bytes at a time.
    mutating func escape(_ source: UnsafeRawBufferPointer, from start: Int, upTo end: Int) -> Int {
        assert(start >= 0 && end <= source.count, "The places lie in the text.")
        guard let base = source.baseAddress else { return end }
        // A copy, which is kept in a register.
        var (cursor, place) = (self, start)
        defer { self = cursor }
        while place < end {
            if source.count &- place >= 8 {
                let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: place, as: UInt64.self))
                cursor.pointer.storeBytes(of: word.littleEndian, as: UInt64.self)
                // The lowest bit is that of the first byte that is not plain; a borrow may have set bits above it.
                let found = Self.bits(ofNotPlain: word) & (Self.eachByte &* 0x80)
                let count = found == 0 ? 8 : found.trailingZeroBitCount &>> 3
                cursor.pointer += count
                place &+= count
                if found == 0 { continue }
            }
            let byte = source[place]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): cursor.twoBytes(UInt8(ascii: "\\"), byte)
            case 0x0A: cursor.twoBytes(UInt8(ascii: "\\"), UInt8(ascii: "n"))
            case 0x0D: cursor.twoBytes(UInt8(ascii: "\\"), UInt8(ascii: "r"))
            case 0x09: cursor.twoBytes(UInt8(ascii: "\\"), UInt8(ascii: "t"))
            case 0..<0x20: cursor.escape(0, byte)
            case 0x20..<0x80: cursor.byte(byte)
            default:
                place &+= cursor.copyOrEscapeCharacter(of: source, at: place)
                continue
            }
            place &+= 1
        }
        return place
    }

    /// Writes a character beyond ASCII, all of whose bytes are in the text, and returns their number.
    private mutating func copyOrEscapeCharacter(of source: UnsafeRawBufferPointer, at place: Int) -> Int {
        let rest = source.count &- place
        // JSON allows U+0085, U+2028 and U+2029, but many tools take them for the end of a line.
        if rest >= 2, source[place] == 0xC2, source[place &+ 1] == 0x85 {
            escape(0, 0x85)
            return 2
        }
        if rest >= 3, source[place] == 0xE2, source[place &+ 1] == 0x80, source[place &+ 2] & 0xFE == 0xA8 {
            escape(0x20, source[place &+ 2] & 0x7F)
            return 3
        }
        let count = min(rest, max(1, (~source[place]).leadingZeroBitCount))
        assert(
            (2...4).contains(count) && source[(place &+ 1)..<(place &+ count)].allSatisfy { $0 & 0xC0 == 0x80 },
            "A character begins here, and ends in the text.")
        for offset in 0..<count { byte(source[place &+ offset]) }
        return count
    }

    /// Writes `\u` and the four digits of a character's number.
    private mutating func escape(_ high: UInt8, _ low: UInt8) {
        twoBytes(UInt8(ascii: "\\"), UInt8(ascii: "u"))
        twoBytes(Hexadecimal.digit(high >> 4), Hexadecimal.digit(high & 15))
        twoBytes(Hexadecimal.digit(low >> 4), Hexadecimal.digit(low & 15))
    }

    @inline(__always)
    private mutating func twoBytes(_ first: UInt8, _ second: UInt8) {
        byte(first)
        byte(second)
    }

    @inline(__always)
    mutating func truth(_ value: Bool) {
        // Eight bytes at a time, of which four or five count.
        let word: UInt64 = value ? 0x6575_7274 : 0x65_736C_6166
        pointer.storeBytes(of: word.littleEndian, as: UInt64.self)
        pointer += value ? 4 : 5
    }

    mutating func integer(_ number: Int64) {
        if number < 0 { byte(UInt8(ascii: "-")) }
        unsigned(number.magnitude)
    }

    mutating func unsigned(_ number: UInt64) {
        var (count, power) = (1, UInt64(10))
        while number >= power, count < 19 { (count, power) = (count + 1, power &* 10) }
        if count == 19, number >= power { count = 20 }
        digits(number, count: count)
    }

    /// Writes the last digits of a number, with zeros before them.
    @inline(__always)
    mutating func digits(_ number: UInt64, count: Int) {
        assert(count >= 0 && count <= 20, "A number of 64 bits has at most 20 digits.")
        var (rest, place) = (number, count)
        while place > 0 {
            place &-= 1
            pointer.storeBytes(of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10), toByteOffset: place, as: UInt8.self)
            rest /= 10
        }
        pointer += count
    }

    /// Writes a number so that it is read as the same one; `"NaN"`, `"Infinity"` and `"-Infinity"` as in protobuf's JSON mapping.
    mutating func double(_ number: Double) {
        if let millionths = number.millionths { return self.millionths(millionths) }
        let description = number.isFinite ? number.description : number.isNaN ? "\"NaN\"" : number < 0 ? "\"-Infinity\"" : "\"Infinity\""
        assert(description.utf8.count <= Self.longestNumber, "A number has at most 24 characters.")
        for character in description.utf8 { byte(character) }
    }

    /// Writes a number of at most 15 digits, six of them after the point, without the zeros at its end.
    private mutating func millionths(_ millionths: UInt64) {
        let (whole, rest) = millionths.quotientAndRemainder(dividingBy: 1_000_000)
        unsigned(whole)
        byte(UInt8(ascii: "."))
        var (fraction, count) = (rest, 6)
        while count > 1, fraction % 10 == 0 { (fraction, count) = (fraction / 10, count - 1) }
        digits(fraction, count: count)
    }

    /// Writes two digits for each byte, those of eight bytes at a time: an identifier takes a fifth of the instructions of byte by byte.
    @inline(__always)
    mutating func hexadecimal(_ source: UnsafeRawBufferPointer) {
        var place = 0
        while source.count &- place >= 8 {
            Hexadecimal.write(UInt64(bigEndian: source.loadUnaligned(fromByteOffset: place, as: UInt64.self)), to: pointer)
            pointer += 16
            place &+= 8
        }
        while place < source.count {
            byte(Hexadecimal.digit(source[place] >> 4))
            byte(Hexadecimal.digit(source[place] & 15))
            place &+= 1
        }
    }
}

extension Double {
    /// The number in millionths if that is a whole number and says all of it, as of milliseconds that were counted in nanoseconds; else nil.
    ///
    /// Numbers of at most 15 digits differ as doubles, so that the digits are the shortest ones that are read as the same number. Their
    /// `description` takes 600 instructions.
    fileprivate var millionths: UInt64? {
        // Smaller numbers are written with an exponent, larger ones have more digits.
        guard self >= 0.001, self < 1e9 else { return nil }
        // Rounded by cutting: the function that rounds is one of the mathematical library.
        let millionths = Int64(self * 1e6 + 0.5)
        return Double(millionths) / 1e6 == self ? UInt64(millionths) : nil
    }
}

extension UnsafeRawBufferPointer {
    /// Whether all bytes are ASCII.
    fileprivate var isASCII: Bool {
        var (found, place) = (UInt64(0), 0)
        while count &- place >= 8 {
            found |= loadUnaligned(fromByteOffset: place, as: UInt64.self)
            place &+= 8
        }
        while place < count {
            found |= UInt64(self[place])
            place &+= 1
        }
        return found & 0x8080_8080_8080_8080 == 0
    }
}
