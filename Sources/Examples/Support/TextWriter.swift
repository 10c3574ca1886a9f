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
        // The magnitude of a signed number is 2⁶³ at most, so that the last bound is 10¹⁹, which is a number.
        while number >= bound {
            count += 1
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
    /// - Parameter room: the bytes of the text at most. A piece that does not fit in is a mistake of the caller, and left out in release builds.
    package init(room: Int, _ write: (inout TextWriter) -> Void) {
        self.init(unsafeUninitializedCapacity: room) { memory in
            var writer = TextWriter(UnsafeMutableBufferPointer(rebasing: memory[..<Swift.min(room, memory.count)]))
            write(&writer)
            return writer.count
        }
    }

    /// Joins texts without an interpolation.
    package init(joining first: String, _ second: String, _ third: String = "", _ fourth: String = "", _ fifth: String = "") {
        self.init(room: first.utf8.count + second.utf8.count + third.utf8.count + fourth.utf8.count + fifth.utf8.count) { text in
            text.append(first)
            text.append(second)
            text.append(third)
            text.append(fourth)
            text.append(fifth)
        }
    }
}
