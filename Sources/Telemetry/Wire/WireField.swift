// A field of a message that `WireReader` returns.

/// A field of a message; its content is still in the message's memory.
package struct WireField {
    package enum Value {
        case varint(UInt64)
        case fixed64(UInt64)
        case fixed32(UInt32)
        case bytes(UnsafeRawBufferPointer)

        var number64: UInt64 {
            switch self {
            case .varint(let number), .fixed64(let number): number
            case .fixed32(let number): UInt64(number)
            case .bytes: 0
            }
        }
    }

    package let number: Int
    package let value: Value
    /// The range of the field in the message, its tag included.
    package let range: Range<Int>

    /// The content of a length-delimited field; empty for any other.
    package var bytes: UnsafeRawBufferPointer {
        if case .bytes(let bytes) = value { bytes } else { UnsafeRawBufferPointer(start: nil, count: 0) }
    }

    /// The number of a numeric field; zero for any other.
    var number64: UInt64 { value.number64 }

    /// The content as text; bytes that are not UTF-8 become replacement characters.
    package var text: String { String(decoding: bytes, as: UTF8.self) }
}
