// The errors of both directions of gzip.

/// Why bytes could not be compressed or decompressed.
package enum GzipError: Error, Equatable, CustomStringConvertible {
    /// The system has no zlib that can be opened.
    case noLibrary(reason: String)
    case outOfMemory
    /// The bytes are not gzip, or are corrupted.
    case damaged
    case truncated
    /// The decompressed bytes exceed the limit.
    case tooLarge(limit: Int)

    package var description: String {
        switch self {
        case .noLibrary(let reason): "gzip needs zlib; on Debian and Ubuntu: apt install zlib1g (\(reason))"
        case .outOfMemory: "there is no memory to compress with"
        case .damaged: "the bytes are no valid gzip"
        case .truncated: "the gzip ends too early"
        case .tooLarge(let limit): "decompressed it is larger than \(limit) bytes"
        }
    }
}
