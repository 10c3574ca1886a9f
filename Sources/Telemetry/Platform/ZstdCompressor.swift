// Compression of request bodies with the zstd of the system.

/// Compresses bodies one after another, and reuses its memory.
final class ZstdCompressor {
    /// zstd's own default.
    static let defaultLevel = 3

    private let library: ZstdLibrary
    private let context: OpaquePointer
    private var output = [UInt8](repeating: 0, count: 64 * 1024)

    init(level: Int = defaultLevel) throws(ZstdError) {
        switch ZstdLibrary.system {
        case .success(let found): library = found
        case .failure(let failure): throw .noLibrary(reason: failure.description)
        }
        guard let made = library.newCompression() else { throw .outOfMemory }
        context = made
        _ = library.setCompression(context, ZstdLibrary.Constant.compressionLevel, CInt(level))
    }

    deinit { _ = library.freeCompression(context) }

    /// Compresses the pieces into one frame, and calls the closure with it.
    func withCompressed<Value>(_ pieces: [UnsafeRawBufferPointer], _ body: (UnsafeRawBufferPointer) -> Value) throws(ZstdError) -> Value {
        _ = library.resetCompression(context, ZstdLibrary.Constant.resetSession)
        var written = 0
        for piece in pieces where !piece.isEmpty { try write(piece, ZstdLibrary.Constant.goOn, &written) }
        try write(UnsafeRawBufferPointer(start: nil, count: 0), ZstdLibrary.Constant.end, &written)
        let value = output.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<written])) }
        // The memory of an unusually large body is released.
        if output.count > 1 << 20 { output = [UInt8](repeating: 0, count: 64 * 1024) }
        return value
    }

    private func write(_ piece: UnsafeRawBufferPointer, _ directive: CInt, _ written: inout Int) throws(ZstdError) {
        var source = ZstdLibrary.Input(bytes: piece.baseAddress, size: piece.count)
        while true {
            let status = output.withUnsafeMutableBytes { room in
                var target = ZstdLibrary.Output(bytes: room.baseAddress, size: room.count, position: written)
                let status = library.compress(context, &target, &source, directive)
                assert(source.position <= piece.count && target.position <= room.count, "zstd keeps within its buffers.")
                written = target.position
                return status
            }
            guard library.isError(status) == 0 else { throw .outOfMemory }
            // At the end zero says that all is written; before it, that all is taken is enough.
            if directive == ZstdLibrary.Constant.end ? status == 0 : source.position == piece.count { return }
            if written == output.count { output.append(contentsOf: repeatElement(0, count: output.count)) }
        }
    }
}
