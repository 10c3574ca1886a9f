// The errors of both directions of zstd.

/// Why bytes could not be compressed or decompressed.
package enum ZstdError: Error, Equatable, CustomStringConvertible {
    /// The system has no zstd that can be opened.
    case noLibrary(reason: String)
    case outOfMemory
    /// The bytes are not zstd, or are corrupted, in the words of the library.
    case damaged(reason: String)
    case truncated
    /// The decompressed bytes exceed the limit.
    case tooLarge(limit: Int)

    package var description: String {
        switch self {
        case .noLibrary(let reason): "zstd needs a library; on Debian and Ubuntu: apt install libzstd1 (\(reason))"
        case .outOfMemory: "there is no memory to compress with"
        case .damaged(let reason): "the bytes are no valid zstd: \(reason)"
        case .truncated: "the zstd ends too early"
        case .tooLarge(let limit): "decompressed it is larger than \(limit) bytes"
        }
    }
}
