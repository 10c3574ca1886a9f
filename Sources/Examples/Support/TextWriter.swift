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
    package mutating func append(_ number: Int) { append(String(number)) }

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
