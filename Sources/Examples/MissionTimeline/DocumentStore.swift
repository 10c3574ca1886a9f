// Documents of the timeline, as a document database would keep them.

import ExampleSupport

/// A JSON object under an identifier.
struct StoredDocument: Sendable {
    let id: DocumentID
    let members: JSONValue
}

/// A collection of JSON objects in a database that has functions for JSON.
///
/// The functions have other names in each database, so that each has statements of its own. The collection has an index on the whole
/// number `time`.
protocol DocumentStore: Sendable {
    static var statements: DocumentStatements { get }
    var database: Database { get }
}

/// The statements on a collection, in the words of one database.
struct DocumentStatements: Sendable {
    /// Parameters: identifier, document.
    let insertion: DatabaseStatement
    /// Parameters: the `time` and the identifier of the last document before the page, the length of the page.
    let page: DatabaseStatement
    /// Parameters: the number of documents.
    let last: DatabaseStatement
    /// Parameters: the number that `time` and `retry_at` must not exceed, the number of documents.
    let due: DatabaseStatement
    /// Parameters: the members to set, the identifier.
    let setting: DatabaseStatement
}

extension DocumentStore {
    func insert(_ document: StoredDocument) async throws(DatabaseError) {
        _ = try await database.rows(Self.statements.insertion, .text(document.id.text), .text(document.members.description))
    }

    /// Returns the documents after one with this time and identifier, in the order of both.
    func page(after time: Int, _ id: String, limit: Int) async throws(DatabaseError) -> [StoredDocument] {
        try await documents(Self.statements.page, DatabaseValue(time), .text(id), DatabaseValue(limit))
    }

    /// Returns the documents with the latest times, in their order.
    func last(_ limit: Int) async throws(DatabaseError) -> [StoredDocument] {
        try await documents(Self.statements.last, DatabaseValue(limit)).reversed()
    }

    /// Returns the documents without `launched_at` whose time has come, and whose `retry_at` as well if they have one.
    func due(at time: Int, limit: Int) async throws(DatabaseError) -> [StoredDocument] {
        try await documents(Self.statements.due, DatabaseValue(time), DatabaseValue(limit))
    }

    func set(_ members: JSONValue, in id: DocumentID) async throws(DatabaseError) {
        _ = try await database.rows(Self.statements.setting, .text(members.description), .text(id.text))
    }

    private func documents(_ statement: DatabaseStatement, _ parameters: DatabaseValue...) async throws(DatabaseError) -> [StoredDocument] {
        var documents: [StoredDocument] = []
        for row in try await database.rows(statement, parameters) {
            guard let members = try? JSONValue(parsing: try row.text(1)) else {
                throw .statement(code: "22000", "A document is no JSON.")
            }
            documents.append(StoredDocument(id: DocumentID(stored: try row.text(0)), members: members))
        }
        return documents
    }
}
