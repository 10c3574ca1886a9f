// The request that has the server stop a command.

import Telemetry

/// A request to cancel what a connection executes. It outlives the connection, and can be sent from any thread, once.
///
/// `@unchecked`: libpq's request is a copy of what it needs of the connection.
struct PostgreSQLCancel: @unchecked Sendable {
    private let library: PostgreSQLLibrary
    private let request: OpaquePointer

    init(_ library: PostgreSQLLibrary, _ request: OpaquePointer) {
        self.library = library
        self.request = request
    }

    /// Sends the request and waits until the server has acted on it. A failure is ignored: the connection is closed if it does not end.
    func send() {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { message in
            if let start = message.baseAddress { _ = library.cancel(request, start, Int32(message.count)) }
        }
        library.freeCancel(request)
    }
}
