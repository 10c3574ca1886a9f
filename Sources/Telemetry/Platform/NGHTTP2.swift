// The binding to nghttp2, which is loaded at run time.

/// The functions of nghttp2 that the SDK calls. Every version with the number 14 has them, with the same types.
///
/// nghttp2 never gets a descriptor: it reads and writes memory only.
struct NGHTTP2: Sendable {
    /// The system's library, opened on first use.
    static let system: Result<NGHTTP2, DynamicLibrary.Failure> = {
        do throws(DynamicLibrary.Failure) {
            return .success(try NGHTTP2(DynamicLibrary(anyOf: ["libnghttp2.so.14", "libnghttp2.14.dylib"])))
        } catch {
            return .failure(error)
        }
    }()

    /// What must be installed, for messages about a library that is missing.
    static func requirement(_ failure: DynamicLibrary.Failure) -> String {
        "a system with nghttp2, which gRPC needs; on Debian and Ubuntu: apt install libnghttp2-14 (\(failure))"
    }

    /// The head of every frame: `nghttp2_frame_hd`.
    struct FrameHead {
        var length: Int
        var streamID: Int32
        var type: UInt8
        var flags: UInt8
        var reserved: UInt8
    }

    /// A GOAWAY frame: `nghttp2_goaway`.
    struct GoAway {
        var head: FrameHead
        var lastStreamID: Int32
        var errorCode: UInt32
        var debugData: UnsafePointer<UInt8>?
        var debugCount: Int
        var reserved: UInt8
    }

    /// A header field: `nghttp2_nv`.
    struct Field {
        var name: UnsafePointer<UInt8>?
        var value: UnsafePointer<UInt8>?
        var nameCount: Int
        var valueCount: Int
        var flags: UInt8
    }

    /// A setting: `nghttp2_settings_entry`.
    struct Setting {
        var identifier: Int32
        var value: UInt32
    }

    /// Where the content of DATA frames comes from: `nghttp2_data_provider`.
    struct DataProvider {
        var source: UnsafeMutableRawPointer?
        var read: ReadCallback?
    }

    typealias Session = OpaquePointer
    typealias FrameCallback = @convention(c) (Session?, UnsafeRawPointer?, UnsafeMutableRawPointer?) -> CInt
    typealias HeaderCallback =
        @convention(c) (
            Session?, UnsafeRawPointer?, UnsafePointer<UInt8>?, Int, UnsafePointer<UInt8>?, Int, UInt8, UnsafeMutableRawPointer?
        ) -> CInt
    typealias DataChunkCallback = @convention(c) (Session?, UInt8, Int32, UnsafePointer<UInt8>?, Int, UnsafeMutableRawPointer?) -> CInt
    typealias StreamCloseCallback = @convention(c) (Session?, Int32, UInt32, UnsafeMutableRawPointer?) -> CInt
    typealias ErrorCallback = @convention(c) (Session?, CInt, UnsafePointer<CChar>?, Int, UnsafeMutableRawPointer?) -> CInt
    typealias ReadCallback =
        @convention(c) (
            Session?, Int32, UnsafeMutablePointer<UInt8>?, Int, UnsafeMutablePointer<UInt32>?, UnsafeMutableRawPointer?,
            UnsafeMutableRawPointer?
        ) -> Int
    typealias SendDataCallback =
        @convention(c) (
            Session?, UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, Int, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?
        ) -> CInt

    let newCallbacks: @convention(c) (UnsafeMutablePointer<OpaquePointer?>) -> CInt
    let freeCallbacks: @convention(c) (OpaquePointer?) -> Void
    let setBeginHeaders: @convention(c) (OpaquePointer?, FrameCallback) -> Void
    let setHeader: @convention(c) (OpaquePointer?, HeaderCallback) -> Void
    let setFrameReceived: @convention(c) (OpaquePointer?, FrameCallback) -> Void
    let setDataChunk: @convention(c) (OpaquePointer?, DataChunkCallback) -> Void
    let setStreamClose: @convention(c) (OpaquePointer?, StreamCloseCallback) -> Void
    let setSendData: @convention(c) (OpaquePointer?, SendDataCallback) -> Void
    let setError: @convention(c) (OpaquePointer?, ErrorCallback) -> Void

    let newClient: @convention(c) (UnsafeMutablePointer<Session?>, OpaquePointer?, UnsafeMutableRawPointer?) -> CInt
    let newServer: @convention(c) (UnsafeMutablePointer<Session?>, OpaquePointer?, UnsafeMutableRawPointer?) -> CInt
    let freeSession: @convention(c) (Session?) -> Void
    let receive: @convention(c) (Session?, UnsafePointer<UInt8>?, Int) -> Int
    let nextOutput: @convention(c) (Session?, UnsafeMutablePointer<UnsafePointer<UInt8>?>) -> Int
    let wantsToRead: @convention(c) (Session?) -> CInt
    let wantsToWrite: @convention(c) (Session?) -> CInt
    let mayRequest: @convention(c) (Session?) -> CInt
    let terminate: @convention(c) (Session?, UInt32) -> CInt
    let submitSettings: @convention(c) (Session?, UInt8, UnsafeRawPointer?, Int) -> CInt
    let submitRequest:
        @convention(c) (Session?, UnsafeRawPointer?, UnsafeRawPointer?, Int, UnsafeRawPointer?, UnsafeMutableRawPointer?)
            -> Int32
    let submitResponse: @convention(c) (Session?, Int32, UnsafeRawPointer?, Int, UnsafeRawPointer?) -> CInt
    let submitTrailer: @convention(c) (Session?, Int32, UnsafeRawPointer?, Int) -> CInt
    let submitReset: @convention(c) (Session?, UInt8, Int32, UInt32) -> CInt
    let submitGoAway: @convention(c) (Session?, UInt8, Int32, UInt32, UnsafePointer<UInt8>?, Int) -> CInt
    let lastProcessedStream: @convention(c) (Session?) -> Int32
    let submitWindowUpdate: @convention(c) (Session?, UInt8, Int32, Int32) -> CInt
    let errorText: @convention(c) (CInt) -> UnsafePointer<CChar>?

    private init(_ library: DynamicLibrary) throws(DynamicLibrary.Failure) {
        newCallbacks = try library.function("nghttp2_session_callbacks_new")
        freeCallbacks = try library.function("nghttp2_session_callbacks_del")
        setBeginHeaders = try library.function("nghttp2_session_callbacks_set_on_begin_headers_callback")
        setHeader = try library.function("nghttp2_session_callbacks_set_on_header_callback")
        setFrameReceived = try library.function("nghttp2_session_callbacks_set_on_frame_recv_callback")
        setDataChunk = try library.function("nghttp2_session_callbacks_set_on_data_chunk_recv_callback")
        setStreamClose = try library.function("nghttp2_session_callbacks_set_on_stream_close_callback")
        setSendData = try library.function("nghttp2_session_callbacks_set_send_data_callback")
        setError = try library.function("nghttp2_session_callbacks_set_error_callback2")
        newClient = try library.function("nghttp2_session_client_new")
        newServer = try library.function("nghttp2_session_server_new")
        freeSession = try library.function("nghttp2_session_del")
        receive = try library.function("nghttp2_session_mem_recv")
        nextOutput = try library.function("nghttp2_session_mem_send")
        wantsToRead = try library.function("nghttp2_session_want_read")
        wantsToWrite = try library.function("nghttp2_session_want_write")
        mayRequest = try library.function("nghttp2_session_check_request_allowed")
        terminate = try library.function("nghttp2_session_terminate_session")
        submitSettings = try library.function("nghttp2_submit_settings")
        submitRequest = try library.function("nghttp2_submit_request")
        submitResponse = try library.function("nghttp2_submit_response")
        submitTrailer = try library.function("nghttp2_submit_trailer")
        submitReset = try library.function("nghttp2_submit_rst_stream")
        submitGoAway = try library.function("nghttp2_submit_goaway")
        lastProcessedStream = try library.function("nghttp2_session_get_last_proc_stream_id")
        submitWindowUpdate = try library.function("nghttp2_submit_window_update")
        errorText = try library.function("nghttp2_strerror")
    }

    /// Constants of nghttp2's header.
    enum Constant {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let resetStream: UInt8 = 3
        static let goAway: UInt8 = 7
        /// The flag of DATA and HEADERS frames that are the last of their stream.
        static let endStream: UInt8 = 1
        /// Flags that a read callback sets: the content ends here; no trailers follow; the content is not copied.
        static let endOfData: UInt32 = 1
        static let withoutEndStream: UInt32 = 2
        static let withoutCopy: UInt32 = 4
        /// The flags of a field whose name and value stay where they are until it has been sent.
        static let withoutCopies: UInt8 = 2 | 4
        static let enablePush: Int32 = 2
        static let maximumConcurrentStreams: Int32 = 3
        static let initialWindowSize: Int32 = 4
        static let maximumHeaderListSize: Int32 = 6
        static let callbackFailure: CInt = -902
        /// What a callback returns to reset the stream of its frame alone.
        static let streamFailure: CInt = -521
    }

    /// Returns the library's name of one of its errors.
    func text(ofError code: Int) -> String { errorText(CInt(truncatingIfNeeded: code)).map { String(cString: $0) } ?? "error \(code)" }
}
