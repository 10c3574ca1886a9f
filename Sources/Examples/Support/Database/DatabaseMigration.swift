// Changes of a database's schema.

/// A change of the schema, which is done once and in a transaction. Its name is recorded in the database and must stay as it is.
package struct DatabaseMigration: Sendable {
    package let name: String
    let sqlite: [String]
    let postgresql: [String]

    /// A change that both databases understand.
    package init(_ name: String, _ both: String...) {
        self.init(name, sqlite: both, postgresql: both)
    }

    package init(_ name: String, sqlite: [String], postgresql: [String]) {
        self.name = name
        self.sqlite = sqlite
        self.postgresql = postgresql
    }
}
