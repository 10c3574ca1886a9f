// Hot: the way that nearly all attributes are written.

/// An attribute while it is written behind the bytes of an item: its new key, its value, and last what depends on both.
///
/// Key and value must be short, so that every length takes one byte. No function is called, and nothing has changed before
/// ``finish(tag:_:)``: an attribute that turns out to be another is left unwritten, for the caller to set in the general way. The key
/// must live until then, which the caller ensures.
struct ShortAttribute {
    /// The bytes of the whole field at most: a tag, a length of one byte, and as much as that can say.
    private static let greatestSize = 129
    /// How long a key may be that does not hold its bytes itself: any short value then fits behind it.
    private static let longestKey = 100

    /// The hash of the key. Whether it may be known is for the caller to ask.
    let hash: UInt64
    private let start: UnsafeMutableRawPointer
    private var cursor: WireCursor

    /// Writes the key; nil if it is not short, or there is no room.
    @inline(__always)
    init?(_ key: String, _ bytes: borrowing ItemBytes) {
        let start = bytes.end
        var cursor = WireCursor(start + 2)
        if let words = StringWords.words(of: key) {
            // The length is the lower half of the last byte, which the value is written over.
            let last = words.1 & 0x0FFF_FFFF_FFFF_FFFF
            let count = Int(truncatingIfNeeded: last &>> 56)
            guard count > 0, bytes.hasRoom(for: Self.room(behind: count)) else { return nil }
            hash = TextBytes.hash(words.0, last)
            cursor.twoBytes(OTLPSchema.KeyValue.key.tag, UInt8(truncatingIfNeeded: count))
            cursor.twoWords(words.0, words.1, count: count)
        } else {
            guard let stored = StringWords.stored(key), UInt(bitPattern: stored.count &- 16) <= UInt(Self.longestKey - 16),
                bytes.hasRoom(for: Self.room(behind: stored.count))
            else { return nil }
            hash = TextBytes.hash(ofLong: stored)
            cursor.twoBytes(OTLPSchema.KeyValue.key.tag, UInt8(truncatingIfNeeded: stored.count))
            cursor.mediumCopy(stored)
        }
        self.start = start
        self.cursor = cursor
    }

    /// The bytes up to the end of a number, or of the two words of a short text, with those before a key of that length.
    @inline(__always)
    private static func room(behind keyCount: Int) -> Int { keyCount &+ 4 &+ 4 &+ TextBytes.roomBehind }

    /// Writes a text, a number or a truth value; false if it is another value, or is not short, or there is no room.
    @inline(__always)
    mutating func write(_ value: AttributeValue, _ bytes: borrowing ItemBytes, lengthLimit: @autoclosure () -> Int) -> Bool {
        switch value {
        case .string(let text):
            if let words = StringWords.words(of: text) {
                let count = Int(truncatingIfNeeded: words.1 &>> 56 & 0xF)
                guard count <= lengthLimit() else { return false }
                writeHead(ofText: count)
                cursor.twoWords(words.0, words.1, count: count)
            } else {
                guard let stored = StringWords.stored(text), stored.count >= 16, stored.count <= lengthLimit(), fits(stored.count, bytes)
                else { return false }
                writeHead(ofText: stored.count)
                cursor.mediumCopy(stored)
                withExtendedLifetime(text) {}
            }
        case .int(let number):
            let length = cursor.pointer + 1
            cursor.threeBytes(OTLPSchema.KeyValue.value.tag, 0, OTLPSchema.AnyValue.int.tag)
            cursor.varintWithoutCall(UInt64(bitPattern: number))
            length.storeBytes(of: UInt8(truncatingIfNeeded: cursor.pointer - length &- 1), as: UInt8.self)
        case .bool(let truth):
            cursor.fourBytes(OTLPSchema.KeyValue.value.tag, 2, OTLPSchema.AnyValue.bool.tag, truth ? 1 : 0)
        case .double(let number):
            cursor.threeBytes(OTLPSchema.KeyValue.value.tag, 9, OTLPSchema.AnyValue.double.tag)
            cursor.fixed64(number.bitPattern)
        default: return false
        }
        return true
    }

    /// Writes a text; false if it is not short, or there is no room.
    mutating func write(_ text: TextBytes, _ bytes: borrowing ItemBytes) -> Bool {
        guard text.count <= 15 || fits(text.count, bytes) else { return false }
        writeHead(ofText: text.count)
        text.write(to: &cursor)
        return true
    }

    @inline(__always)
    private func fits(_ textCount: Int, _ bytes: borrowing ItemBytes) -> Bool {
        // Before anything is added to it, the count of a text is compared: it may be any.
        guard textCount <= Self.greatestSize else { return false }
        let size = cursor.pointer - start &+ 4 &+ textCount
        return size <= Self.greatestSize && bytes.hasRoom(for: size)
    }

    /// Writes what comes before the bytes of a text: tag and length of the value, tag and length of the text.
    @inline(__always)
    private mutating func writeHead(ofText count: Int) {
        cursor.fourBytes(OTLPSchema.KeyValue.value.tag, count &+ 2, OTLPSchema.AnyValue.string.tag, count)
    }

    /// Writes the tag and the length of the field, and counts the attribute as present.
    @inline(__always)
    func finish(tag: UInt8, _ bytes: inout ItemBytes) {
        let size = cursor.pointer - start
        assert(size > 8 && size <= Self.greatestSize, "Every length takes one byte.")
        var head = WireCursor(start)
        head.twoBytes(tag, UInt8(truncatingIfNeeded: size &- 2))
        bytes.countWritten(size)
    }
}
