// One call of gRPC as its handler sees it, and its answer.

package import Telemetry

/// A unary call with its whole message, as it came.
package struct GRPCCall: Sendable {
    /// The method, as `/package.Service/Method`.
    package let path: String
    /// The metadata, with those of gRPC itself.
    package let headers: HTTPHeaders
    package let message: [UInt8]
    /// The compression of the message; `identity` for none.
    package let coding: String
    /// When the caller gives up; it gets no answer of the handler after that.
    package let deadline: Deadline

    package init(path: String, headers: HTTPHeaders = [:], message: [UInt8], coding: String = "identity", deadline: Deadline = .never) {
        (self.path, self.headers, self.message, self.coding, self.deadline) = (path, headers, message, coding, deadline)
    }
}

/// The answer to a call.
package struct GRPCAnswer: Sendable {
    package let code: GRPCCode
    /// Says to people why a call failed; at most ``maximumMessageBytes`` are sent.
    package let message: String
    /// The message of a success, not compressed.
    package let content: [UInt8]
    /// The wait before another attempt; nil says nothing of one.
    package let retryDelay: Duration?

    static let maximumMessageBytes = 1_000

    /// A success.
    package static func success(_ content: [UInt8]) -> GRPCAnswer { GRPCAnswer(code: .ok, message: "", content: content, retryDelay: nil) }

    /// A failure.
    package static func failure(_ code: GRPCCode, _ message: String, retryDelay: Duration? = nil) -> GRPCAnswer {
        assert(code != .ok, "A failure has the code of one.")
        return GRPCAnswer(code: code, message: message, content: [], retryDelay: retryDelay)
    }

    /// The fields of its status: those of the trailers, or of the head if there is no content.
    var statusFields: [(name: String, value: String)] {
        var fields = [(name: "grpc-status", value: "\(code.rawValue)")]
        guard code != .ok else { return fields }
        let text = String(decoding: message.utf8.prefix(Self.maximumMessageBytes), as: UTF8.self)
        fields.append((name: "grpc-message", value: PercentEncoding.encode(text)))
        if let retryDelay { fields.append((name: "grpc-status-details-bin", value: Base64.encode(details(text, retryDelay)))) }
        return fields
    }

    /// A `google.rpc.Status` with a `google.rpc.RetryInfo`.
    private func details(_ text: String, _ delay: Duration) -> [UInt8] {
        let (seconds, attoseconds) = max(.zero, delay).components
        let duration = Self.number(1, Int(clamping: seconds)) + Self.number(2, Int(attoseconds / 1_000_000_000))
        let any = Self.bytes(1, Array("type.googleapis.com/google.rpc.RetryInfo".utf8)) + Self.bytes(2, Self.bytes(1, duration))
        return Self.number(1, code.rawValue) + Self.bytes(2, Array(text.utf8)) + Self.bytes(3, any)
    }

    private static func number(_ field: UInt8, _ value: Int) -> [UInt8] { value == 0 ? [] : [field << 3] + ProtobufVarint.bytes(value) }

    private static func bytes(_ field: UInt8, _ content: [UInt8]) -> [UInt8] {
        [field << 3 | 2] + ProtobufVarint.bytes(content.count) + content
    }
}
