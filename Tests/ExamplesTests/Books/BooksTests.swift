// POC-52: the books service by its contract, behind the accounts service.

import ExampleSupport
import Telemetry
import Testing

struct BooksTests {
    private static let dune: JSONValue = ["title": "Dune", "year": "1965", "author": "Frank Herbert"]

    @Test("POC-52: books are made, read, changed, listed and removed by their user", arguments: DatabaseKind.available)
    func booksOfAUser(kind: DatabaseKind) async throws {
        try await AccountsHarness.accounts(on: kind) { accounts in
            let token = try await accounts.token(of: "a@example.com")
            try await AccountsHarness.books(on: kind, accountsURL: accounts.url) { books in
                let made = try await books.send("POST", "/books", Self.dune, token: token)
                #expect(made.status == 201, "\(made.text)")
                let book = try JSONValue(parsing: made.body)
                guard case .object(let object) = book else { return #expect(Bool(false), "A book is an object.") }
                #expect(
                    object.members.map(\.key) == ["id", "title", "year", "description", "author", "userId", "createdAt", "updatedAt"])
                let id = try #require(book["id"]?.stringValue)
                #expect(id.wholeMatch(of: /c[0-9a-z]{24}/) != nil && book["description"] == .null)
                _ = try await books.send(
                    "POST", "/books", ["title": "Emma", "year": "1815", "author": "Jane Austen", "description": ""], token: token)
                let list = try JSONValue(parsing: try await books.send("GET", "/books", token: token).body)
                #expect(list.arrayValue?.compactMap { $0["title"]?.stringValue } == ["Emma", "Dune"], "The newest first.")
                #expect(try await books.send("GET", "/books/\(id)", token: token).text == book.description)
                let changed = try await books.send("PATCH", "/books/\(id)", ["description": "Sand"], token: token)
                let after = try JSONValue(parsing: changed.body)
                #expect(changed.status == 200 && after["description"] == "Sand" && after["title"] == "Dune")
                #expect(try await eventually { try await books.metric("total_books_total") == 2 })
                #expect(try await books.send("DELETE", "/books/\(id)", token: token).text == #"{"message":"Book deleted successfully"}"#)
                let gone = try await books.send("GET", "/books/\(id)", token: token)
                #expect(gone.status == 404 && gone.text == #"{"message":"Book not found","error":"Not Found","statusCode":404}"#)
                for (operation, status, count) in [
                    ("create", "success", 2.0), ("get", "success", 1), ("get", "error", 1), ("delete", "success", 1),
                ] {
                    #expect(try await books.metric("books_operations_total", ["operation": operation, "status": status]) == count)
                }
            }
        }
    }

    @Test("POC-52: books of others are not readable, not changeable, not removable")
    func booksOfOthers() async throws {
        try await AccountsHarness.accounts { accounts in
            let (owner, other) = (try await accounts.token(of: "a@example.com"), try await accounts.token(of: "b@example.com"))
            try await AccountsHarness.books(accountsURL: accounts.url) { books in
                let made = try JSONValue(parsing: try await books.send("POST", "/books", Self.dune, token: owner).body)
                let path = "/books/\(try #require(made["id"]?.stringValue))"
                for (method, body) in [("GET", nil), ("PATCH", ["title": "Mine"]), ("DELETE", nil)] as [(String, JSONValue?)] {
                    let answer = try await books.send(method, path, body, token: other)
                    #expect(answer.status == 403 && answer.text == #"{"message":"Access denied","error":"Forbidden","statusCode":403}"#)
                }
                #expect(try await books.send("GET", "/books", token: other).text == "[]")
                #expect(try JSONValue(parsing: try await books.send("GET", path, token: owner).body)["title"] == "Dune")
                for (body, message) in [
                    (["title": "x"], "year should not be empty"), (["title": 7, "year": "1", "author": "a"], "title must be a string"),
                    (["title": "t", "year": "1", "author": "a", "userId": "x"], "property userId should not exist"),
                ] as [(JSONValue, String)] {
                    let answer = try await books.send("POST", "/books", body, token: owner)
                    #expect(answer.status == 400 && answer.text.contains(message), "\(answer.text)")
                }
            }
        }
    }

    @Test("POC-52: a token without a session is refused, and while the accounts service is away the token alone counts")
    func accountsServiceIsAskedAndReplaced() async throws {
        var (token, ended) = ("", "")
        try await AccountsHarness.accounts { accounts in
            (token, ended) = (try await accounts.token(of: "a@example.com"), try await accounts.token(of: "b@example.com"))
            #expect(try await accounts.send("POST", "/auth/logout", token: ended).status == 200)
            try await AccountsHarness.books(accountsURL: accounts.url) { books in
                for wrong in [nil, "nonsense", ended] {
                    #expect(try await books.send("GET", "/books", token: wrong).status == 401)
                }
                #expect(try await books.send("GET", "/books", token: token).status == 200)
                // One trace over both services and their databases.
                let span = try #require(books.spans.finishedSpans.last { $0.name == "GET /api/v1/books" })
                let profile = try #require(accounts.spans.finishedSpans.last { $0.name == "GET /api/v1/auth/profile" })
                #expect(profile.traceID == span.traceID && span.attributes["user.id"] == profile.attributes["user.id"])
            }
        }
        do {
            try await AccountsHarness.books(accountsURL: "http://127.0.0.1:1") { books in
                #expect(try await books.send("POST", "/books", Self.dune, token: token).status == 201)
                for wrong in [nil, "nonsense", token + "x"] { #expect(try await books.send("GET", "/books", token: wrong).status == 401) }
                let check = try #require(books.spans.finishedSpans.first { $0.name == "check session" })
                #expect(check.attributes["auth.fallback"] == true && check.kind == .internal)
                #expect(books.logs.finishedRecords.contains { $0.body?.stringValue == "the session was not checked, the token was" })
            }
        }
        // A service that answers with an error is as good as away.
        try await ServiceHarness.listening({ _ in ServiceResponse(status: 500) }) { url in
            try await AccountsHarness.books(accountsURL: url) { (books) async throws in
                #expect(try await books.send("GET", "/books", token: token).status == 200)
            }
        }
    }
}
