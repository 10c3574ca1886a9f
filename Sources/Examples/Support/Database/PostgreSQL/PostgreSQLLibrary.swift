// The binding to libpq, the client library of PostgreSQL, which is loaded at run time.

import Telemetry

/// The functions of libpq that the services call. Versions since 10 have all of them.
struct PostgreSQLLibrary: Sendable {
    /// The system's library, opened on first use.
    static let system: Result<PostgreSQLLibrary, DynamicLibrary.Failure> = {
        do throws(DynamicLibrary.Failure) {
            return .success(try PostgreSQLLibrary(DynamicLibrary(anyOf: ["libpq.so.5"])))
        } catch {
            return .failure(error)
        }
    }()

    typealias Text = UnsafePointer<CChar>
    typealias NoticeReceiver = @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?) -> Void

    // Connections: `PGconn *`.
    let startConnect: @convention(c) (UnsafePointer<Text?>, UnsafePointer<Text?>, Int32) -> OpaquePointer?
    let continueConnect: @convention(c) (OpaquePointer?) -> Int32
    let finish: @convention(c) (OpaquePointer?) -> Void
    let status: @convention(c) (OpaquePointer?) -> Int32
    let transactionStatus: @convention(c) (OpaquePointer?) -> Int32
    let socket: @convention(c) (OpaquePointer?) -> Int32
    let user: @convention(c) (OpaquePointer?) -> Text?
    let password: @convention(c) (OpaquePointer?) -> Text?
    let errorMessage: @convention(c) (OpaquePointer?) -> Text?
    let setNonblocking: @convention(c) (OpaquePointer?, Int32) -> Int32
    let setNoticeReceiver: @convention(c) (OpaquePointer?, NoticeReceiver?, UnsafeMutableRawPointer?) -> NoticeReceiver?

    // Options of a connection: `PQconninfoOption *`.
    let parseOptions: @convention(c) (Text, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> UnsafeMutableRawPointer?
    let freeOptions: @convention(c) (UnsafeMutableRawPointer?) -> Void

    // Statements.
    let sendQuery: @convention(c) (OpaquePointer?, Text) -> Int32
    let sendPrepare: @convention(c) (OpaquePointer?, Text, Text, Int32, UnsafePointer<UInt32>?) -> Int32
    let sendExecute:
        @convention(c) (OpaquePointer?, Text, Int32, UnsafePointer<Text?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?, Int32) -> Int32
    /// Nil before version 14, which sends statements one by one.
    let pipeline: Pipeline?
    let flush: @convention(c) (OpaquePointer?) -> Int32
    let consumeInput: @convention(c) (OpaquePointer?) -> Int32
    let isBusy: @convention(c) (OpaquePointer?) -> Int32
    let result: @convention(c) (OpaquePointer?) -> OpaquePointer?
    let prepareCancel: @convention(c) (OpaquePointer?) -> OpaquePointer?
    /// Blocks until the server has closed the connection that it makes.
    let cancel: @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>, Int32) -> Int32
    let freeCancel: @convention(c) (OpaquePointer?) -> Void

    // Results: `PGresult *`.
    let clear: @convention(c) (OpaquePointer?) -> Void
    let resultStatus: @convention(c) (OpaquePointer?) -> Int32
    let resultMessage: @convention(c) (OpaquePointer?) -> Text?
    let errorField: @convention(c) (OpaquePointer?, Int32) -> Text?
    let rowCount: @convention(c) (OpaquePointer?) -> Int32
    let columnCount: @convention(c) (OpaquePointer?) -> Int32
    let columnType: @convention(c) (OpaquePointer?, Int32) -> UInt32
    let isNull: @convention(c) (OpaquePointer?, Int32, Int32) -> Int32
    let value: @convention(c) (OpaquePointer?, Int32, Int32) -> Text?
    let length: @convention(c) (OpaquePointer?, Int32, Int32) -> Int32

    private init(_ library: DynamicLibrary) throws(DynamicLibrary.Failure) {
        startConnect = try library.function("PQconnectStartParams")
        continueConnect = try library.function("PQconnectPoll")
        finish = try library.function("PQfinish")
        status = try library.function("PQstatus")
        transactionStatus = try library.function("PQtransactionStatus")
        socket = try library.function("PQsocket")
        user = try library.function("PQuser")
        password = try library.function("PQpass")
        errorMessage = try library.function("PQerrorMessage")
        setNonblocking = try library.function("PQsetnonblocking")
        setNoticeReceiver = try library.function("PQsetNoticeReceiver")
        parseOptions = try library.function("PQconninfoParse")
        freeOptions = try library.function("PQconninfoFree")
        sendQuery = try library.function("PQsendQuery")
        sendPrepare = try library.function("PQsendPrepare")
        sendExecute = try library.function("PQsendQueryPrepared")
        pipeline = try? Pipeline(library)
        flush = try library.function("PQflush")
        consumeInput = try library.function("PQconsumeInput")
        isBusy = try library.function("PQisBusy")
        result = try library.function("PQgetResult")
        prepareCancel = try library.function("PQgetCancel")
        cancel = try library.function("PQcancel")
        freeCancel = try library.function("PQfreeCancel")
        clear = try library.function("PQclear")
        resultStatus = try library.function("PQresultStatus")
        resultMessage = try library.function("PQresultErrorMessage")
        errorField = try library.function("PQresultErrorField")
        rowCount = try library.function("PQntuples")
        columnCount = try library.function("PQnfields")
        columnType = try library.function("PQftype")
        isNull = try library.function("PQgetisnull")
        value = try library.function("PQgetvalue")
        length = try library.function("PQgetlength")
    }

    /// The functions that send several statements at once.
    struct Pipeline: Sendable {
        let enter: @convention(c) (OpaquePointer?) -> Int32
        let exit: @convention(c) (OpaquePointer?) -> Int32
        /// Ends the statements sent so far: the server commits them, and the next one begins another transaction.
        let end: @convention(c) (OpaquePointer?) -> Int32

        fileprivate init(_ library: DynamicLibrary) throws(DynamicLibrary.Failure) {
            enter = try library.function("PQenterPipelineMode")
            exit = try library.function("PQexitPipelineMode")
            end = try library.function("PQpipelineSync")
        }
    }

    /// The layout of libpq's `PQconninfoOption`: six pointers and a number.
    enum Option {
        static let size = 7 * MemoryLayout<UnsafeRawPointer>.stride
        static let keywordOffset = 0
        static let valueOffset = 3 * MemoryLayout<UnsafeRawPointer>.stride
    }

    /// Constants of libpq's header.
    enum Constant {
        static let connectionOK: Int32 = 0
        static let (pollingFailed, pollingReads, pollingWrites, pollingOK): (Int32, Int32, Int32, Int32) = (0, 1, 2, 3)
        static let (emptyQuery, commandOK, tuplesOK): (Int32, Int32, Int32) = (0, 1, 2)
        /// An error, or the warning that a result may carry.
        static let (nonfatalError, fatalError): (Int32, Int32) = (6, 7)
        /// The end of a group of statements, and a statement that was not executed because of one before it.
        static let (pipelineEnd, pipelineAborted): (Int32, Int32) = (10, 11)
        static let (idle, failedTransaction): (Int32, Int32) = (0, 3)
        static let (sqlState, primaryMessage, sourceFunction) = (
            Int32(UInt8(ascii: "C")), Int32(UInt8(ascii: "M")), Int32(UInt8(ascii: "R"))
        )
    }
}
