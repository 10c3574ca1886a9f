// The functions of zlib that we call, found in the system's library at run time.

/// The functions of zlib that we call. Every version 1.x has them, with the same types.
struct Zlib: Sendable {
    /// The system's library, opened when it is first asked for.
    static let system: Result<Zlib, DynamicLibrary.Failure> = {
        do throws(DynamicLibrary.Failure) {
            return .success(try Zlib(DynamicLibrary(anyOf: ["libz.so.1", "libz.so", "libz.1.dylib"])))
        } catch {
            return .failure(error)
        }
    }()

    /// zlib's `z_stream`: what is to be read, where to write to, and zlib's own state.
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

    /// zlib looks at the first digit, and at the size of the structure.
    static let version = "1.2.11"
    /// The format of gzip with the largest window.
    static let gzipWindow: CInt = 15 + 16

    /// Whether all input is there.
    enum Flush {
        static let none: CInt = 0
        static let finish: CInt = 4
    }

    /// What zlib's functions return.
    enum Status {
        static let ok: CInt = 0
        static let streamEnd: CInt = 1
        /// Nothing could be done: there was no input, or no room.
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
