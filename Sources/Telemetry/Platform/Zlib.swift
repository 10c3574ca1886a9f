// The binding to zlib, which is loaded at run time.

/// The functions of zlib that the SDK calls. Every version 1.x has them, with the same types.
struct Zlib: Sendable {
    /// The system's library, opened on first use.
    static let system: Result<Zlib, DynamicLibrary.Failure> = {
        do throws(DynamicLibrary.Failure) {
            return .success(try Zlib(DynamicLibrary(anyOf: ["libz.so.1", "libz.so", "libz.1.dylib"])))
        } catch {
            return .failure(error)
        }
    }()

    /// zlib's `z_stream`: input, output, and the state of zlib.
    struct Stream {
        var nextInput: UnsafePointer<UInt8>?
        var availableInput: CUnsignedInt = 0
        var totalInput: CUnsignedLong = 0
        var nextOutput: UnsafeMutablePointer<UInt8>?
        var availableOutput: CUnsignedInt = 0
        var totalOutput: CUnsignedLong = 0
        var message: UnsafePointer<CChar>?
        var state: OpaquePointer?
        /// Without functions to allocate and free with, zlib uses those of the C library.
        var allocate: OpaquePointer?
        var free: OpaquePointer?
        var context: UnsafeMutableRawPointer?
        var dataType: CInt = 0
        var checksum: CUnsignedLong = 0
        var reserved: CUnsignedLong = 0
    }

    /// zlib checks the first digit, and the size of the structure.
    static let version = "1.2.11"
    /// The gzip format with the largest window.
    static let gzipWindow: CInt = 15 + 16

    /// Whether more input follows.
    enum Flush {
        static let none: CInt = 0
        static let finish: CInt = 4
    }

    /// What zlib's functions return.
    enum Status {
        static let ok: CInt = 0
        static let streamEnd: CInt = 1
        /// There was no input, or no room for output.
        static let noProgress: CInt = -5
    }

    typealias StreamPointer = UnsafeMutablePointer<Stream>

    let beginDeflate: @convention(c) (UnsafeMutableRawPointer, CInt, CInt, CInt, CInt, CInt, UnsafePointer<CChar>, CInt) -> CInt
    let deflate: @convention(c) (UnsafeMutableRawPointer, CInt) -> CInt
    let resetDeflate: @convention(c) (UnsafeMutableRawPointer) -> CInt
    let endDeflate: @convention(c) (UnsafeMutableRawPointer) -> CInt
    let beginInflate: @convention(c) (UnsafeMutableRawPointer, CInt, UnsafePointer<CChar>, CInt) -> CInt
    let inflate: @convention(c) (UnsafeMutableRawPointer, CInt) -> CInt
    let resetInflate: @convention(c) (UnsafeMutableRawPointer) -> CInt
    let endInflate: @convention(c) (UnsafeMutableRawPointer) -> CInt

    private init(_ library: DynamicLibrary) throws(DynamicLibrary.Failure) {
        beginDeflate = try library.function("deflateInit2_")
        deflate = try library.function("deflate")
        resetDeflate = try library.function("deflateReset")
        endDeflate = try library.function("deflateEnd")
        beginInflate = try library.function("inflateInit2_")
        inflate = try library.function("inflate")
        resetInflate = try library.function("inflateReset")
        endInflate = try library.function("inflateEnd")
    }
}
