// Why a receiver refuses an OTLP request.

package import Telemetry

/// Why bytes are refused as an OTLP request.
package enum OTLPRequestError: Error, Equatable, CustomStringConvertible {
    /// The bytes are not the protobuf message that they should be.
    case unreadable(WireError)
    /// The text is not the JSON that it should be.
    case invalidJSON(reason: String, offset: Int)
    /// An identifier is neither left out nor as long as it has to be.
    case invalidIdentifier(name: String, byteCount: Int, expectedByteCount: Int)
    /// Read, it is larger than a request may be.
    case tooLarge(limit: Int)

    package var description: String {
        switch self {
        case .unreadable(let error): "\(error)"
        case .invalidJSON(let reason, let offset): "\(reason) at byte \(offset)"
        case .invalidIdentifier(let name, let count, let expected): "invalid \(name) length: \(count) bytes instead of \(expected)"
        case .tooLarge(let limit): "it is larger than \(limit) bytes"
        }
    }
}
