// The routes of the books service. Paths, bodies, texts and metrics are a public contract.

import ExampleSupport
import Telemetry

/// The handlers of `/books`, each for the user who asks.
struct BookRoutes: Sendable {
    private typealias UserHandler = @Sendable (ServiceRequest, _ userID: String) async throws(Refusal) -> ServiceResponse

    private let store: BookStore
    private let gate: AccountGate
    private let total: RowCountGauge
    private let operations: Counter<Int>

    init(store: BookStore, gate: AccountGate, total: RowCountGauge, telemetry: ServiceTelemetry) {
        (self.store, self.gate, self.total) = (store, gate, total)
        operations = telemetry.meter.counter("books_operations_total", description: "Total number of operations on books")
    }

    func add(to router: inout Router, prefix: String) {
        let (list, one) = ("\(prefix)/books", "\(prefix)/books/:id")
        on("POST", list, "create", &router) { request, userID throws(Refusal) in try await create(request, userID) }
        on("GET", list, "list", &router) { _, userID throws(Refusal) in
            let books = try await stored { () async throws(DatabaseError) in try await store.books(of: userID) }
            return .json(.array(books.map(\.json)))
        }
        on("GET", one, "get", &router) { request, userID throws(Refusal) in .json(try await book(request, userID).json) }
        on("PATCH", one, "update", &router) { request, userID throws(Refusal) in try await change(request, userID) }
        on("DELETE", one, "delete", &router) { request, userID throws(Refusal) in
            let book = try await book(request, userID)
            let isGone = try await stored { () async throws(DatabaseError) in try await store.remove(book.id, of: userID) }
            guard isGone else { throw Self.notFound }
            total.changed()
            return .json(["message": "Book deleted successfully"])
        }
    }

    /// Adds a route that has its user found out first, and counts how it ends.
    private func on(_ method: String, _ pattern: String, _ operation: String, _ router: inout Router, _ handler: @escaping UserHandler) {
        router.on(method, pattern) { [gate, operations] request throws(Refusal) in
            do throws(Refusal) {
                let userID = try await gate.userID(of: request)
                request.span["user.id"] = .string(userID)
                let response = try await handler(request, userID)
                operations.add(1, ["operation": .string(operation), "status": "success"])
                return response
            } catch {
                operations.add(1, ["operation": .string(operation), "status": "error"])
                throw error
            }
        }
    }

    private static let notFound = Refusal.nest(404, "Book not found")

    private func create(_ request: ServiceRequest, _ userID: String) async throws(Refusal) -> ServiceResponse {
        var body = try NestBody(request, known: ["title", "year", "author", "description"])
        let fields = BookFields(
            title: body.text("title"), year: body.text("year"),
            description: body.optionalText("description", mayBeEmpty: true, longest: 10_000),
            author: body.text("author"))
        try body.check()
        let book = try await stored { () async throws(DatabaseError) in try await store.add(fields, of: userID) }
        guard let book else { throw .nest(500, "Internal server error", detail: "the book was not stored") }
        total.changed()
        return .json(book.json, status: 201)
    }

    private func change(_ request: ServiceRequest, _ userID: String) async throws(Refusal) -> ServiceResponse {
        var body = try NestBody(request, known: ["title", "year", "author", "description"])
        let fields = BookFields(
            title: body.optionalText("title"), year: body.optionalText("year"),
            description: body.optionalText("description", mayBeEmpty: true, longest: 10_000), author: body.optionalText("author"))
        try body.check()
        let book = try await book(request, userID)
        let changed = try await stored { () async throws(DatabaseError) in try await store.change(book.id, fields, of: userID) }
        guard let changed else { throw Self.notFound }
        return .json(changed.json)
    }

    /// Returns the book of a request, which must be the user's own.
    private func book(_ request: ServiceRequest, _ userID: String) async throws(Refusal) -> Book {
        let id = request.parameters["id"] ?? ""
        // PostgreSQL's texts cannot hold it, and no book has it.
        guard !id.utf8.contains(0) else { throw Self.notFound }
        let found = try await stored { () async throws(DatabaseError) in try await store.book(id) }
        guard let found else { throw Self.notFound }
        guard found.userID == userID else { throw .nest(403, "Access denied") }
        return found
    }

    /// Performs something with the database; where that is not possible, clients shall come back.
    private func stored<Value: Sendable>(_ body: () async throws(DatabaseError) -> Value) async throws(Refusal) -> Value {
        do throws(DatabaseError) { return try await body() } catch { throw .nest(unavailable: error) }
    }
}
