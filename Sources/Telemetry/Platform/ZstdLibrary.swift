// The binding to zstd, which is loaded at run time.

/// The functions of zstd that the SDK calls. Every version from 1.4 on has them, with the same types.
struct ZstdLibrary: Sendable {
    /// The system's library, opened on first use.
    static let system: Result<ZstdLibrary, DynamicLibrary.Failure> = {
        do throws(DynamicLibrary.Failure) {
            return .success(try ZstdLibrary(DynamicLibrary(anyOf: ["libzstd.so.1", "libzstd.1.dylib"])))
        } catch {
            return .failure(error)
        }
    }()

    /// `ZSTD_inBuffer`.
    struct Input {
        var bytes: UnsafeRawPointer?
        var size: Int
        var position = 0
    }

    /// `ZSTD_outBuffer`.
    struct Output {
        var bytes: UnsafeMutableRawPointer?
        var size: Int
        var position = 0
    }

    /// Constants of zstd's header.
    enum Constant {
        static let goOn: CInt = 0
        static let end: CInt = 2
        static let resetSession: CInt = 1
        static let compressionLevel: CInt = 100
        static let maximumWindowLog: CInt = 100
    }

    let newCompression: @convention(c) () -> OpaquePointer?
    let freeCompression: @convention(c) (OpaquePointer?) -> Int
    let setCompression: @convention(c) (OpaquePointer?, CInt, CInt) -> Int
    let resetCompression: @convention(c) (OpaquePointer?, CInt) -> Int
    let compress: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer, UnsafeMutableRawPointer, CInt) -> Int
    let newDecompression: @convention(c) () -> OpaquePointer?
    let freeDecompression: @convention(c) (OpaquePointer?) -> Int
    let setDecompression: @convention(c) (OpaquePointer?, CInt, CInt) -> Int
    let decompress: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Int
    let isError: @convention(c) (Int) -> CUnsignedInt
    let errorName: @convention(c) (Int) -> UnsafePointer<CChar>?

    private init(_ library: DynamicLibrary) throws(DynamicLibrary.Failure) {
        newCompression = try library.function("ZSTD_createCCtx")
        freeCompression = try library.function("ZSTD_freeCCtx")
        setCompression = try library.function("ZSTD_CCtx_setParameter")
        resetCompression = try library.function("ZSTD_CCtx_reset")
        compress = try library.function("ZSTD_compressStream2")
        newDecompression = try library.function("ZSTD_createDCtx")
        freeDecompression = try library.function("ZSTD_freeDCtx")
        setDecompression = try library.function("ZSTD_DCtx_setParameter")
        decompress = try library.function("ZSTD_decompressStream")
        isError = try library.function("ZSTD_isError")
        errorName = try library.function("ZSTD_getErrorName")
    }

    /// Returns the library's words for a result that is an error.
    func text(ofError code: Int) -> String { errorName(code).map { String(cString: $0) } ?? "error \(code)" }
}
