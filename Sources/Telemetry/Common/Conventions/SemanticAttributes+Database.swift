// The attributes of database operations: written by Documentation/Conventions/generate.py.

extension SemanticAttributes {
    /// The keys `db.*`.
    public enum Database {
        /// The database product (`postgresql`). (String, stable.)
        @inlinable public static var systemName: String { "db.system.name" }

        /// The name of the database, with its schema where it has some. (String, stable.)
        @inlinable public static var namespace: String { "db.namespace" }

        /// The table, collection or container. (String, stable.)
        @inlinable public static var collectionName: String { "db.collection.name" }

        /// The name of the operation or command (`SELECT`, `HMSET`). (String, stable.)
        @inlinable public static var operationName: String { "db.operation.name" }

        /// How many operations one call holds; left out for a single one. (Int, stable.)
        @inlinable public static var operationBatchSize: String { "db.operation.batch.size" }

        /// The name of the stored procedure. (String, stable.)
        @inlinable public static var storedProcedureName: String { "db.stored_procedure.name" }

        /// The query, without literals unless it is parameterized. (String, stable.)
        @inlinable public static var queryText: String { "db.query.text" }

        /// The operations and targets of the query, with few values (`SELECT tweets`). (String, stable.)
        @inlinable public static var querySummary: String { "db.query.summary" }

        /// The value of a query parameter, by its name or index. (String, development.)
        @inlinable public static func queryParameter(_ key: String) -> String { "db.query.parameter.\(key)" }

        /// The status code of the response, where the database gives one. (String, stable.)
        @inlinable public static var responseStatusCode: String { "db.response.status_code" }

        /// How many rows came back. (Int, development.)
        @inlinable public static var responseReturnedRows: String { "db.response.returned_rows" }

        /// The name of the pool of connections, unique in the program. (String, development.)
        @inlinable public static var clientConnectionPoolName: String { "db.client.connection.pool.name" }

        /// Whether a connection of the pool is `idle` or `used`. (String, development.)
        @inlinable public static var clientConnectionState: String { "db.client.connection.state" }
    }
}
