// Puts texts together in one step, where an interpolation or an appended text takes several times the instructions.

import Glibc

/// Writes the pieces of a text into memory that has room for all of them.
package struct TextWriter {
    private var rest: UnsafeMutableBufferPointer<UInt8>
    fileprivate private(set) var count = 0

    fileprivate init(_ memory: UnsafeMutableBufferPointer<UInt8>) {
        rest = memory
    }

    package mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            assert(bytes.count <= rest.count, "There is room for all pieces.")
            guard bytes.count <= rest.count, let target = rest.baseAddress, let source = bytes.baseAddress else { return }
            memcpy(target, source, bytes.count)
            advance(by: bytes.count)
        }
    }

    /// Appends a number in decimal digits, 20 bytes at most.
    package mutating func append(_ number: Int) {
        let digits = Self.digits(of: number.magnitude) + (number < 0 ? 1 : 0)
        assert(digits <= rest.count, "There is room for all pieces.")
        guard digits <= rest.count else { return }
        var left = number.magnitude
        var place = digits
        repeat {
            place -= 1
            rest[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: left % 10)
            left /= 10
        } while left > 0
        if number < 0 { rest[0] = UInt8(ascii: "-") }
        advance(by: digits)
    }

    private static func digits(of number: UInt) -> Int {
        var (count, bound) = (1, UInt(10))
        while number >= bound, count < 20 {
            count += 1
            // The greatest numbers have 20 digits, and 10²⁰ is no number.
            guard count < 20 else { break }
            bound *= 10
        }
        return count
    }

    private mutating func advance(by count: Int) {
        rest = UnsafeMutableBufferPointer(rebasing: rest[count...])
        self.count += count
    }
}

extension String {
    /// Makes a text of what the closure appends.
    ///
    /// - Parameter room: the bytes of the text at most. A piece that does not fit in is left out.
    package init(room: Int, _ write: (inout TextWriter) -> Void) {
        self.init(unsafeUninitializedCapacity: room) { memory in
            var writer = TextWriter(UnsafeMutableBufferPointer(rebasing: memory[..<Swift.min(room, memory.count)]))
            write(&writer)
            return writer.count
        }
    }
}
