// The metrics of database clients and their pools: written by Documentation/Conventions/generate.py.

extension SemanticMetrics {
    /// The metrics `db.*`.
    public enum Database {
        /// How long an operation takes, as its caller sees it. (Histogram in `s`, stable.)
        @inlinable public static var clientOperationDuration: String { "db.client.operation.duration" }

        /// How many rows an operation returns. (Histogram in `{row}`, development.)
        @inlinable public static var clientResponseReturnedRows: String { "db.client.response.returned_rows" }

        /// How many connections a pool has, `idle` and `used`. (Up-down counter in `{connection}`, development.)
        @inlinable public static var clientConnectionCount: String { "db.client.connection.count" }

        /// How many idle connections a pool keeps at most. (Up-down counter in `{connection}`, development.)
        @inlinable public static var clientConnectionIdleMax: String { "db.client.connection.idle.max" }

        /// How many idle connections a pool keeps at least. (Up-down counter in `{connection}`, development.)
        @inlinable public static var clientConnectionIdleMin: String { "db.client.connection.idle.min" }

        /// How many connections a pool may have. (Up-down counter in `{connection}`, development.)
        @inlinable public static var clientConnectionMax: String { "db.client.connection.max" }

        /// How many requests wait for a connection. (Up-down counter in `{request}`, development.)
        @inlinable public static var clientConnectionPendingRequests: String { "db.client.connection.pending_requests" }

        /// How many requests got no connection in time. (Counter in `{timeout}`, development.)
        @inlinable public static var clientConnectionTimeouts: String { "db.client.connection.timeouts" }

        /// How long it takes to make a connection. (Histogram in `s`, development.)
        @inlinable public static var clientConnectionCreateTime: String { "db.client.connection.create_time" }

        /// How long a request waits for a connection. (Histogram in `s`, development.)
        @inlinable public static var clientConnectionWaitTime: String { "db.client.connection.wait_time" }

        /// How long a connection is lent. (Histogram in `s`, development.)
        @inlinable public static var clientConnectionUseTime: String { "db.client.connection.use_time" }
    }
}
