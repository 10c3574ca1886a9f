// The binding to SQLite, which is loaded at run time.

import Telemetry

/// The functions of SQLite that the services call.
struct SQLiteLibrary: Sendable {
    /// The system's library, opened on first use.
    static let system: Result<SQLiteLibrary, DynamicLibrary.Failure> = {
        do throws(DynamicLibrary.Failure) { return .success(try SQLiteLibrary(DynamicLibrary(anyOf: ["libsqlite3.so.0"]))) } catch {
            return .failure(error)
        }
    }()

    typealias ProgressCallback = @convention(c) (UnsafeMutableRawPointer?) -> Int32

    // Connections: `sqlite3 *`.
    let open: @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>, Int32, UnsafePointer<CChar>?) -> Int32
    let close: @convention(c) (OpaquePointer?) -> Int32
    let useExtendedCodes: @convention(c) (OpaquePointer?, Int32) -> Int32
    let setBusyTimeout: @convention(c) (OpaquePointer?, Int32) -> Int32
    let setProgressHandler: @convention(c) (OpaquePointer?, Int32, ProgressCallback?, UnsafeMutableRawPointer?) -> Void
    let isInAutocommit: @convention(c) (OpaquePointer?) -> Int32
    let extendedCode: @convention(c) (OpaquePointer?) -> Int32
    let message: @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?

    // Prepared statements: `sqlite3_stmt *`.
    let prepare:
        @convention(c) (OpaquePointer?, UnsafePointer<CChar>, Int32, UInt32, UnsafeMutablePointer<OpaquePointer?>, OpaquePointer?) -> Int32
    let finalize: @convention(c) (OpaquePointer?) -> Int32
    let step: @convention(c) (OpaquePointer?) -> Int32
    let reset: @convention(c) (OpaquePointer?) -> Int32
    let clearBindings: @convention(c) (OpaquePointer?) -> Int32
    let isReadOnly: @convention(c) (OpaquePointer?) -> Int32
    let parameterCount: @convention(c) (OpaquePointer?) -> Int32
    let parameterName: @convention(c) (OpaquePointer?, Int32) -> UnsafePointer<CChar>?
    let bindNull: @convention(c) (OpaquePointer?, Int32) -> Int32
    let bindInteger: @convention(c) (OpaquePointer?, Int32, Int64) -> Int32
    let bindReal: @convention(c) (OpaquePointer?, Int32, Double) -> Int32
    /// The last argument is a destructor; -1 has SQLite copy the text.
    let bindText: @convention(c) (OpaquePointer?, Int32, UnsafePointer<CChar>?, Int32, Int) -> Int32
    let columnCount: @convention(c) (OpaquePointer?) -> Int32
    let columnType: @convention(c) (OpaquePointer?, Int32) -> Int32
    let integer: @convention(c) (OpaquePointer?, Int32) -> Int64
    let real: @convention(c) (OpaquePointer?, Int32) -> Double
    let text: @convention(c) (OpaquePointer?, Int32) -> UnsafePointer<UInt8>?
    let byteCount: @convention(c) (OpaquePointer?, Int32) -> Int32

    private init(_ library: DynamicLibrary) throws(DynamicLibrary.Failure) {
        open = try library.function("sqlite3_open_v2")
        close = try library.function("sqlite3_close_v2")
        useExtendedCodes = try library.function("sqlite3_extended_result_codes")
        setBusyTimeout = try library.function("sqlite3_busy_timeout")
        setProgressHandler = try library.function("sqlite3_progress_handler")
        isInAutocommit = try library.function("sqlite3_get_autocommit")
        extendedCode = try library.function("sqlite3_extended_errcode")
        message = try library.function("sqlite3_errmsg")
        prepare = try library.function("sqlite3_prepare_v3")
        finalize = try library.function("sqlite3_finalize")
        step = try library.function("sqlite3_step")
        reset = try library.function("sqlite3_reset")
        clearBindings = try library.function("sqlite3_clear_bindings")
        isReadOnly = try library.function("sqlite3_stmt_readonly")
        parameterCount = try library.function("sqlite3_bind_parameter_count")
        parameterName = try library.function("sqlite3_bind_parameter_name")
        bindNull = try library.function("sqlite3_bind_null")
        bindInteger = try library.function("sqlite3_bind_int64")
        bindReal = try library.function("sqlite3_bind_double")
        bindText = try library.function("sqlite3_bind_text")
        columnCount = try library.function("sqlite3_column_count")
        columnType = try library.function("sqlite3_column_type")
        integer = try library.function("sqlite3_column_int64")
        real = try library.function("sqlite3_column_double")
        text = try library.function("sqlite3_column_text")
        byteCount = try library.function("sqlite3_column_bytes")
    }

    /// Constants of SQLite's header.
    enum Constant {
        static let ok: Int32 = 0
        static let row: Int32 = 100
        static let done: Int32 = 101
        static let openReadOnly: Int32 = 0x1
        static let openReadWrite: Int32 = 0x2
        static let openCreate: Int32 = 0x4
        /// Each connection belongs to one thread, so that SQLite needs no lock.
        static let openWithoutMutex: Int32 = 0x8000
        static let prepareToKeep: UInt32 = 1
        static let copied = -1
        static let (integerType, realType, nullType): (Int32, Int32, Int32) = (1, 2, 5)
    }
}
