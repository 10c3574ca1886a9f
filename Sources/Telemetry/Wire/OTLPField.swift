// One row of the table of OTLP.

/// A field of an OTLP message: its number, its protobuf type, and its name in JSON.
///
/// Everything is inlined, so that what a writer or reader uses of a field of ``OTLPSchema`` folds to a constant.
package struct OTLPField {
    /// The protobuf type of a value. It decides how the value is laid out, and how JSON writes it.
    package enum ValueType {
        case string, bytes
        /// `bytes` of this length, which OTLP/JSON writes in hexadecimal digits instead of base64.
        case identifier(size: Int)
        case bool
        case uint32, fixed32
        /// An enumeration, which OTLP/JSON writes as its number.
        case enumeration
        /// A signed number whose sign is its last bit (zigzag).
        case sint32
        case int64, sfixed64
        case uint64, fixed64
        case double
        case message(OTLPMessage)

        @inline(__always)
        var wireType: WireType {
            switch self {
            case .string, .bytes, .identifier, .message: .lengthDelimited
            case .bool, .uint32, .enumeration, .sint32, .int64, .uint64: .varint
            case .fixed32: .fixed32
            case .fixed64, .sfixed64, .double: .fixed64
            }
        }
    }

    package let number: Int
    package let type: ValueType
    /// The name in JSON.
    let key: StaticString
    package let isRepeated: Bool

    @inline(__always)
    package init(_ number: Int, _ type: ValueType, _ key: StaticString, isRepeated: Bool = false) {
        self.number = number
        self.type = type
        self.key = key
        self.isRepeated = isRepeated
    }

    @inline(__always)
    static func repeated(_ number: Int, _ type: ValueType, _ key: StaticString) -> OTLPField {
        OTLPField(number, type, key, isRepeated: true)
    }

    /// The layout of each number of a repeated field, all of which are packed into one; nil for every other field.
    @inline(__always)
    package var packedType: WireType? { isRepeated && type.wireType != .lengthDelimited ? type.wireType : nil }

    /// The layout of the field.
    @inline(__always)
    var wireType: WireType { isRepeated ? .lengthDelimited : type.wireType }

    /// The tag of a field whose number is below 16: one byte.
    @inline(__always)
    var tag: UInt8 {
        assert(number < 16, "A tag of one byte has a number below 16.")
        return UInt8(truncatingIfNeeded: number << 3) | wireType.rawValue
    }

    /// The key as text, to look it up in a JSON object.
    package var name: String { "\(key)" }
}
