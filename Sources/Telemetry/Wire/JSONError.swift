// The errors of reading JSON.

/// The reason why bytes are refused as a JSON document.
package enum JSONError: Error, Equatable {
    /// The grammar or the caller expects something else; `byte` is the one at the offset, nil at the end of the document.
    case malformed(reason: String, offset: Int, byte: UInt8?)
    case notUTF8(offset: Int)
    case numberOutOfRange(offset: Int)
    case nestedTooDeep
    case tooLarge
}

extension JSONError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed(_, _, nil): "the document ends too early"
        case .malformed(_, let offset, let byte?): "byte \(byte) cannot stand at offset \(offset)"
        case .notUTF8(let offset): "the string before offset \(offset) is not UTF-8"
        case .numberOutOfRange(let offset): "the number before offset \(offset) is out of range"
        case .nestedTooDeep: "the document is nested too deep"
        case .tooLarge: "the document is too large"
        }
    }
}
