// The rules of gRPC for the head and the content of a call.

import Telemetry

/// What a head says of its call, or why it is refused.
struct GRPCCallHead {
    let path: String
    let coding: String
    /// How long the caller waits; nil for ever.
    let timeout: Duration?

    /// Why a request is no call that can be served.
    enum Problem: Error {
        /// It is no gRPC: it is answered in HTTP.
        case http(status: Int, String)
        case call(GRPCAnswer)
    }

    /// - Parameters:
    ///   - methods: the paths that are served, for messages.
    ///   - codings: the compressions that are known beside `identity`.
    init(_ request: HTTP2ServerStream, methods: [String], codings: [String], directions: String) throws(Problem) {
        guard request.method == "POST" else { throw .http(status: 405, "\(directions) The method of every call is POST.\n") }
        let type = (request.headers["content-type"] ?? "").lowercased()
        guard type.hasPrefix("application/grpc") else {
            throw .http(status: 415, "\(directions) The content type is \"\(type.prefix(100))\"; that of gRPC is application/grpc.\n")
        }
        guard !request.hasTooManyFields else { throw .call(.failure(.resourceExhausted, "the metadata of the call are too large")) }
        guard ["", "+proto"].contains(type.dropFirst("application/grpc".count).prefix(while: { $0 != ";" && $0 != " " })) else {
            throw .call(
                .failure(.unimplemented, "the content type is \"\(type.prefix(100))\"; messages are taken as application/grpc+proto"))
        }
        guard methods.contains(request.path) else {
            throw .call(
                .failure(
                    .unimplemented, "there is no method \"\(request.path.prefix(200))\"; there are \(methods.joined(separator: ", "))"))
        }
        path = request.path
        coding = (request.headers["grpc-encoding"] ?? "identity").lowercased()
        guard coding == "identity" || codings.contains(coding) else {
            throw .call(
                .failure(
                    .unimplemented,
                    "grpc-encoding is \"\(coding.prefix(100))\"; messages are taken in \(codings.joined(separator: ", ")),"
                        + " and not compressed"))
        }
        guard let text = request.headers["grpc-timeout"] else {
            timeout = nil
            return
        }
        guard let duration = Self.duration(text) else {
            throw .call(
                .failure(
                    .invalidArgument,
                    "grpc-timeout is \"\(text.prefix(100))\"; it has one to eight digits and one of the letters H, M, S, m, u, n"
                ))
        }
        timeout = duration
    }

    /// Reads a `grpc-timeout`.
    static func duration(_ text: String) -> Duration? {
        let digits = text.utf8.dropLast()
        guard let unit = text.utf8.last, (1...8).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
            let number = Int64(String(decoding: digits, as: UTF8.self))
        else { return nil }
        switch unit {
        case UInt8(ascii: "H"): return .seconds(number * 3_600)
        case UInt8(ascii: "M"): return .seconds(number * 60)
        case UInt8(ascii: "S"): return .seconds(number)
        case UInt8(ascii: "m"): return .milliseconds(number)
        case UInt8(ascii: "u"): return .microseconds(number)
        case UInt8(ascii: "n"): return .nanoseconds(number)
        default: return nil
        }
    }
}

/// The prefix of a message: a byte that says whether it is compressed, and four of its length.
enum GRPCFrame {
    static let prefixBytes = 5

    /// Returns the length that a content begins with; nil before it has come.
    static func length(_ content: [UInt8]) -> Int? {
        content.count < prefixBytes ? nil : content[1..<prefixBytes].reduce(0) { $0 << 8 | Int($1) }
    }

    /// Returns the one message of a content, and its compression.
    static func message(_ content: [UInt8], coding: String) throws(GRPCCallHead.Problem) -> (message: [UInt8], coding: String) {
        guard !content.isEmpty else { throw .call(.failure(.unimplemented, "the call has no message; it needs one")) }
        guard let length = length(content), content.count - prefixBytes >= length else {
            throw .call(.failure(.internal, "the message of the call is cut off"))
        }
        guard content.count - prefixBytes == length else {
            throw .call(.failure(.unimplemented, "the call has more than one message, or bytes after it; it needs exactly one"))
        }
        switch content[0] {
        case 0: return (Array(content[prefixBytes...]), "identity")
        case 1:
            guard coding != "identity" else {
                throw .call(.failure(.internal, "the message is marked as compressed, and there is no grpc-encoding that says how"))
            }
            return (Array(content[prefixBytes...]), coding)
        default:
            throw .call(.failure(.internal, "the first byte of the message is \(content[0]); it is 1 for a compressed message, or else 0"))
        }
    }

    /// Returns a message that is not compressed, with its prefix.
    static func content(_ message: [UInt8]) -> [UInt8] {
        [0] + withUnsafeBytes(of: UInt32(truncatingIfNeeded: message.count).bigEndian) { Array($0) } + message
    }
}
