// The file of the console, through the system's SQLite.

import Glibc
import Telemetry

/// An SQLite database that one thread uses. The library is loaded when the first file is opened.
final class SQLiteFile {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// A value of a parameter or a column.
    enum Value {
        case integer(Int64)
        case text(String)
        case bytes([UInt8])
    }

    private static let library: Result<Library, DynamicLibrary.Failure> = {
        do throws(DynamicLibrary.Failure) { return .success(try Library()) } catch { return .failure(error) }
    }()

    /// Statements that are kept prepared; more are begun anew.
    private static let maximumStatements = 256

    private let library: Library
    private let handle: OpaquePointer
    private var statements: [String: OpaquePointer] = [:]

    init(_ path: String) throws(Failure) {
        let library: Library
        do throws(DynamicLibrary.Failure) { library = try Self.library.get() } catch {
            throw Failure(description: "SQLite is not installed (\(error)); Debian's package is libsqlite3-0.")
        }
        self.library = library
        // Only its owner may read the file: telemetry may hold secrets.
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { Glibc.close(descriptor) }
        var opened: OpaquePointer?
        // Read and write, create, without a lock of its own: one thread uses it.
        let status = library.open(path, &opened, 0x2 | 0x4 | 0x8000, nil)
        guard let opened, status == 0 else {
            let message = opened.flatMap { library.message($0) }.map { String(cString: $0) } ?? "error \(status)"
            if let opened { _ = library.close(opened) }
            throw Failure(description: "\(path) cannot be opened: \(message)")
        }
        handle = opened
        _ = library.busyTimeout(handle, 2_000)
    }

    deinit {
        for statement in statements.values { _ = library.finalize(statement) }
        _ = library.close(handle)
    }

    /// Executes a statement and hands each row to the closure until that returns false.
    func run(_ text: String, _ parameters: [Value] = [], _ row: (Row) -> Bool = { _ in true }) throws(Failure) {
        let statement = try prepared(text)
        defer {
            _ = library.reset(statement)
            _ = library.clear(statement)
        }
        try bind(statement, text, parameters)
        while true {
            switch library.step(statement) {
            case 100: if !row(Row(library: library, statement: statement)) { return }
            case 101: return
            default: throw failure(text)
            }
        }
    }

    /// Returns the first column of up to so many rows, which are whole numbers: quicker than row by row.
    func integers(_ text: String, _ parameters: [Value], limit: Int) throws(Failure) -> [Int64] {
        let statement = try prepared(text)
        defer {
            _ = library.reset(statement)
            _ = library.clear(statement)
        }
        try bind(statement, text, parameters)
        let (step, integer) = (library.step, library.integer)
        var numbers: [Int64] = []
        while numbers.count < limit {
            let status = step(statement)
            if status == 101 { break }
            guard status == 100 else { throw failure(text) }
            numbers.append(integer(statement, 0))
        }
        return numbers
    }

    private func bind(_ statement: OpaquePointer, _ text: String, _ parameters: [Value]) throws(Failure) {
        for (index, value) in parameters.enumerated() {
            let place = Int32(index + 1)
            let status =
                switch value {
                case .integer(let number): library.bindInteger(statement, place, number)
                // The last argument has SQLite make a copy.
                case .text(let text): library.bindText(statement, place, text, Int32(clamping: text.utf8.count), -1)
                case .bytes(let bytes):
                    bytes.withUnsafeBytes { library.bindBytes(statement, place, $0.baseAddress, Int32(clamping: $0.count), -1) }
                }
            guard status == 0 else { throw failure(text) }
        }
    }

    private func prepared(_ text: String) throws(Failure) -> OpaquePointer {
        if let known = statements[text] { return known }
        if statements.count >= Self.maximumStatements {
            for statement in statements.values { _ = library.finalize(statement) }
            statements = [:]
        }
        var statement: OpaquePointer?
        guard library.prepare(handle, text, -1, &statement, nil) == 0, let statement else { throw failure(text) }
        statements[text] = statement
        return statement
    }

    private func failure(_ text: String) -> Failure {
        Failure(description: "\(library.message(handle).map { String(cString: $0) } ?? "unknown error") (\(text.prefix(60)))")
    }

    /// A row, valid until the next one.
    struct Row {
        fileprivate let library: Library
        fileprivate let statement: OpaquePointer

        func integer(_ column: Int32) -> Int64 { library.integer(statement, column) }

        func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }

        func isNull(_ column: Int32) -> Bool { library.columnType(statement, column) == 5 }

        /// Calls the closure with the bytes of a column where they lie.
        func withBytes<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
            let address = library.bytes(statement, column)
            return body(UnsafeRawBufferPointer(start: address, count: address == nil ? 0 : Int(library.byteCount(statement, column))))
        }

        func bytes(_ column: Int32) -> [UInt8] {
            // The address first: it may convert the value, whose size is known only then.
            guard let address = library.bytes(statement, column) else { return [] }
            return Array(UnsafeRawBufferPointer(start: address, count: Int(library.byteCount(statement, column))))
        }
    }

    /// The functions of SQLite that are called.
    fileprivate struct Library: Sendable {
        let open: @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>, Int32, UnsafePointer<CChar>?) -> Int32
        let close: @convention(c) (OpaquePointer?) -> Int32
        let message: @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?
        let busyTimeout: @convention(c) (OpaquePointer?, Int32) -> Int32
        let prepare:
            @convention(c) (OpaquePointer?, UnsafePointer<CChar>, Int32, UnsafeMutablePointer<OpaquePointer?>, OpaquePointer?) -> Int32
        let finalize: @convention(c) (OpaquePointer?) -> Int32
        let step: @convention(c) (OpaquePointer?) -> Int32
        let reset: @convention(c) (OpaquePointer?) -> Int32
        let clear: @convention(c) (OpaquePointer?) -> Int32
        let bindInteger: @convention(c) (OpaquePointer?, Int32, Int64) -> Int32
        let bindText: @convention(c) (OpaquePointer?, Int32, UnsafePointer<CChar>?, Int32, Int) -> Int32
        let bindBytes: @convention(c) (OpaquePointer?, Int32, UnsafeRawPointer?, Int32, Int) -> Int32
        let columnType: @convention(c) (OpaquePointer?, Int32) -> Int32
        let integer: @convention(c) (OpaquePointer?, Int32) -> Int64
        let bytes: @convention(c) (OpaquePointer?, Int32) -> UnsafeRawPointer?
        let byteCount: @convention(c) (OpaquePointer?, Int32) -> Int32

        init() throws(DynamicLibrary.Failure) {
            let library = try DynamicLibrary(anyOf: ["libsqlite3.so.0"])
            open = try library.function("sqlite3_open_v2")
            close = try library.function("sqlite3_close_v2")
            message = try library.function("sqlite3_errmsg")
            busyTimeout = try library.function("sqlite3_busy_timeout")
            prepare = try library.function("sqlite3_prepare_v2")
            finalize = try library.function("sqlite3_finalize")
            step = try library.function("sqlite3_step")
            reset = try library.function("sqlite3_reset")
            clear = try library.function("sqlite3_clear_bindings")
            bindInteger = try library.function("sqlite3_bind_int64")
            bindText = try library.function("sqlite3_bind_text")
            bindBytes = try library.function("sqlite3_bind_blob")
            columnType = try library.function("sqlite3_column_type")
            integer = try library.function("sqlite3_column_int64")
            bytes = try library.function("sqlite3_column_blob")
            byteCount = try library.function("sqlite3_column_bytes")
        }
    }
}
