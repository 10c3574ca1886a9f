// The users of the Twitter clone, in the database.

import ExampleSupport

/// A user as others see one: without the password.
struct User: Sendable {
    let id: Int
    let email: String
    let name: String?

    var json: JSONValue {
        ["id": .integer(Int64(id)), "email": .string(email), "name": name.map { .string($0) } ?? .null]
    }
}

/// Finds and adds users by their address.
struct UserStore: Sendable {
    private static let find = DatabaseStatement(#"SELECT "id", "email", "name", "password" FROM "User" WHERE "email" = $1"#)
    private static let add = DatabaseStatement(
        #"INSERT INTO "User" ("email", "name", "password") VALUES ($1, $2, $3) RETURNING "id""#)

    let database: Database

    /// Returns a user and the hash of the password; nil without such a user.
    func user(email: String) async throws(DatabaseError) -> (user: User, hash: String)? {
        guard let row = try await database.rows(Self.find, .text(email)).first else { return nil }
        return (User(id: try row.integer(0), email: try row.text(1), name: try row.optionalText(2)), try row.text(3))
    }

    /// Adds a user; returns nil if the address is taken.
    func add(email: String, name: String, hash: String) async throws(DatabaseError) -> User? {
        do throws(DatabaseError) {
            let rows = try await database.rows(Self.add, .text(email), .text(name), .text(hash))
            return try rows.first.map { row throws(DatabaseError) in User(id: try row.integer(0), email: email, name: name) }
        } catch .unique {
            return nil
        }
    }
}
