// Connecting to PostgreSQL.

import Glibc
import Telemetry

/// A connection of libpq that has been made.
///
/// `@unchecked`: it is handed from the thread that connects to the one that uses it.
struct PostgreSQLHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    struct Failure: Error {
        /// Without the user and the password.
        let reason: String
    }

    /// Connects until the deadline. It blocks, so that it has a thread of its own: libpq looks up names and reads files meanwhile.
    static func connect(
        _ library: PostgreSQLLibrary, _ address: PostgreSQLAddress, until deadline: Deadline
    ) -> Result<PostgreSQLHandle, Failure> {
        typealias Constant = PostgreSQLLibrary.Constant
        // What stands behind the connection string replaces what it says.
        let connection = withTexts(["dbname", "client_encoding"]) { names in
            withTexts([address.url, "UTF8"]) { library.startConnect(names, $0, 1) }
        }
        guard let connection else { return .failure(Failure(reason: "out of memory")) }
        // Notices would be printed to standard error.
        _ = library.setNoticeReceiver(connection, { _, _ in }, nil)
        var status = library.status(connection) == 1 ? Constant.pollingFailed : Constant.pollingWrites
        while status == Constant.pollingReads || status == Constant.pollingWrites {
            let events = Int16(status == Constant.pollingReads ? POLLIN : POLLOUT)
            var watched = pollfd(fd: library.socket(connection), events: events, revents: 0)
            let ready = poll(&watched, 1, Int32(clamping: Int64((deadline.remaining / .milliseconds(1)).rounded(.up))))
            if ready == 0 || (ready < 0 && errno != EINTR) { break }
            if ready > 0 { status = library.continueConnect(connection) }
        }
        guard status == Constant.pollingOK, library.setNonblocking(connection, 1) == 0 else {
            let reason = status == Constant.pollingFailed ? redactedMessage(library, connection) : "the server has not answered in time"
            library.finish(connection)
            return .failure(Failure(reason: reason))
        }
        return .success(PostgreSQLHandle(pointer: connection))
    }

    /// Returns the message of the connection in one line, without the user and the password.
    private static func redactedMessage(_ library: PostgreSQLLibrary, _ connection: OpaquePointer) -> String {
        var message = library.errorMessage(connection).map { String(cString: $0) } ?? ""
        for secret in [library.password(connection), library.user(connection)] {
            guard let secret = secret.map({ String(cString: $0) }), !secret.isEmpty else { continue }
            message = message.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "***")
        }
        return message.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }

    /// Calls the closure with C strings and a null pointer behind them.
    private static func withTexts<Result>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result) -> Result {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        let pointers = copies.map { UnsafePointer($0) } + [nil]
        return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
    }
}
