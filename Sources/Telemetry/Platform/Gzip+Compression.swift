// Compression of single bodies, for callers that keep the result.

extension Gzip {
    /// Returns the bytes compressed with zlib's usual level.
    package static func compressed(_ bytes: [UInt8]) throws(GzipError) -> [UInt8] {
        let compressor = try GzipCompressor(level: 6)
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(GzipError) in try compressor.withCompressed([bytes]) { Array($0) } }
        }
        return try result.get()
    }
}
