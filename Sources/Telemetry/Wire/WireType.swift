// The layouts that protobuf has for the value of a field.

/// How a protobuf field is laid out: the low three bits of its tag.
package enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
}
