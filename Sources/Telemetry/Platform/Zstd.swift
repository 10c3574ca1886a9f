// Decompression of received bodies, which may be hostile.

/// Decompresses zstd with the system's library.
package enum Zstd {
    /// The window that every frame may need: 8 MiB. (RFC 9659.)
    private static let usualWindowLog = 23

    /// Returns the decompressed bytes; allocates at most about twice the limit and a window of 8 MiB or the limit, whatever the input is.
    ///
    /// Several frames one after another are one. (RFC 8878 §3.1.)
    package static func decompressed(_ bytes: [UInt8], maximumBytes: Int) throws(ZstdError) -> [UInt8] {
        let maximumBytes = min(maximumBytes, Int.max - 1)
        let library: ZstdLibrary
        switch ZstdLibrary.system {
        case .success(let found): library = found
        case .failure(let failure): throw .noLibrary(reason: failure.description)
        }
        guard !bytes.isEmpty else { throw .truncated }
        guard let context = library.newDecompression() else { throw .outOfMemory }
        defer { _ = library.freeDecompression(context) }
        let windowLog = max(usualWindowLog, min(27, Int.bitWidth - max(1, maximumBytes).leadingZeroBitCount))
        _ = library.setDecompression(context, ZstdLibrary.Constant.maximumWindowLog, CInt(windowLog))
        // One byte more than allowed, so that excess is detected.
        var output = [UInt8](repeating: 0, count: min(maximumBytes + 1, max(4096, bytes.count * 4)))
        var (taken, written) = (0, 0)
        while true {
            let (status, isInputLeft) = bytes.withUnsafeBytes { input in
                output.withUnsafeMutableBytes { room in
                    var source = ZstdLibrary.Input(bytes: input.baseAddress, size: input.count, position: taken)
                    var target = ZstdLibrary.Output(bytes: room.baseAddress, size: room.count, position: written)
                    let status = library.decompress(context, &target, &source)
                    assert(source.position <= input.count && target.position <= room.count, "zstd keeps within its buffers.")
                    (taken, written) = (source.position, target.position)
                    return (status, taken < input.count)
                }
            }
            guard written <= maximumBytes else { throw .tooLarge(limit: maximumBytes) }
            if library.isError(status) != 0 { throw .damaged(reason: library.text(ofError: status)) }
            // Zero is the end of a frame, of which all is written.
            if status == 0, !isInputLeft {
                output.removeLast(output.count - written)
                return output
            }
            if written == output.count {
                output.append(contentsOf: repeatElement(0, count: min(output.count, maximumBytes + 1 - output.count)))
            } else if !isInputLeft {
                throw .truncated
            }
        }
    }

    /// Returns the bytes compressed with zstd's usual level, for callers that keep the result.
    package static func compressed(_ bytes: [UInt8]) throws(ZstdError) -> [UInt8] {
        let compressor = try ZstdCompressor()
        let result = bytes.withUnsafeBytes { bytes in
            Result { () throws(ZstdError) in try compressor.withCompressed([bytes]) { Array($0) } }
        }
        return try result.get()
    }
}
