// The framing of messages in gRPC.

/// Messages of gRPC: a byte for compression, a length of four bytes, and the message itself.
enum GRPCMessage {
    static let contentType = "application/grpc+proto"
    private static let prefixBytes = 5

    /// Returns the bytes in front of a message.
    static func prefix(count: Int, isCompressed: Bool) -> [UInt8] {
        assert(count <= UInt32.max, "The limits of requests are far below.")
        let length = UInt32(truncatingIfNeeded: count)
        return [
            isCompressed ? 1 : 0, UInt8(truncatingIfNeeded: length >> 24), UInt8(truncatingIfNeeded: length >> 16),
            UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length),
        ]
    }

    /// Why the content of a response is no message.
    enum Problem: Error, Equatable {
        case missing, incomplete, tooLarge
        case unknownCompression(String)
    }

    /// Returns the first message of a content.
    ///
    /// - Parameter encoding: the value of `grpc-encoding`, for messages that are compressed.
    static func first(in content: [UInt8], encoding: String?, maximumBytes: Int) throws(Problem) -> [UInt8] {
        guard !content.isEmpty else { throw .missing }
        guard content.count >= prefixBytes else { throw .incomplete }
        let count = content[1..<prefixBytes].reduce(0) { $0 << 8 | Int($1) }
        guard content.count - prefixBytes >= count else { throw .incomplete }
        let message = Array(content[prefixBytes..<prefixBytes + count])
        guard content[0] != 0 else { return message }
        switch encoding {
        case "gzip":
            do throws(GzipError) {
                return try Gzip.decompressed(message, maximumBytes: maximumBytes)
            } catch {
                if case .tooLarge = error { throw .tooLarge }
                throw .unknownCompression(error.description)
            }
        case "zstd":
            do throws(ZstdError) {
                return try Zstd.decompressed(message, maximumBytes: maximumBytes)
            } catch {
                if case .tooLarge = error { throw .tooLarge }
                throw .unknownCompression(error.description)
            }
        default: throw .unknownCompression(encoding ?? "unnamed")
        }
    }

    /// Returns the value of `grpc-timeout`, which has at most eight digits; nil for a time that they cannot express.
    static func timeout(_ duration: Duration) -> String? {
        let (seconds, attoseconds) = duration.components
        guard seconds < 99_999_999 else { return nil }
        // Rounded up: the receiver need not give up before the sender.
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1
        return milliseconds < 100_000_000 ? "\(max(1, milliseconds))m" : "\(seconds + 1)S"
    }
}
