// The values of Redis's protocol.

/// A value of RESP3, the protocol of Redis from version 6 on.
package enum RESPValue: Sendable, Hashable {
    case null
    case text(String)
    case bytes([UInt8])
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    /// A whole number of any length, as it is written.
    case bigNumber(String)
    /// The text of an error, which begins with its code: `WRONGTYPE Operation against …`.
    case error(String)
    case array([RESPValue])
    case set([RESPValue])
    /// Keys and values in turn.
    case map([RESPValue])
    /// Something that the server tells without being asked.
    case push([RESPValue])

    /// A text, also one that came as bytes; nil for any other value, and for bytes that are no UTF-8.
    package var string: String? {
        switch self {
        case .text(let text): text
        case .bytes(let bytes): String(validating: bytes, as: UTF8.self)
        default: nil
        }
    }

    package var integer: Int? { if case .integer(let number) = self { Int(number) } else { nil } }
}
