// Wrong and hostile inputs of every route of the auth service. (TWT-01.)

import ExampleSupport
import Telemetry
import Testing

@testable import Auth

struct AuthInputTests {
    private static let required = #"{"error":"Email and password are required"}"#

    @Test(arguments: ["/auth/register", "/auth/login"])
    func missingFieldIsRefused(path: String) async throws {
        try await AuthHarness.auth { auth in
            for body in [
                "", "{}", "null", #"{"email":"a@example.com"}"#, #"{"password":"secret","name":"Ada"}"#,
                #"{"email":"","password":"secret","name":"Ada"}"#, #"{"email":"a@example.com","password":"","name":"Ada"}"#,
                #"{"email":null,"password":"secret","name":"Ada"}"#,
            ] {
                let answer = try await auth.send("POST", path, body)
                #expect(answer.status == 400 && answer.text == Self.required, "\(body)")
            }
        }
    }

    @Test func registrationWithoutNameIsRefused() async throws {
        try await AuthHarness.auth { auth in
            let answer = try await auth.send("POST", "/auth/register", #"{"email":"a@example.com","password":"secret"}"#)
            #expect(answer.status == 400 && answer.text == Self.required)
        }
    }

    @Test(arguments: ["/auth/register", "/auth/login"])
    func bodyOfWrongShapeIsRefusedWithReason(path: String) async throws {
        try await AuthHarness.auth { auth in
            for (body, reason) in [
                ("{", "Malformed JSON"), (#"{"email":"a@example.com"} trailing"#, "Malformed JSON"), ("email=a", "Malformed JSON"),
                ("\u{FEFF}{}", "Malformed JSON"), (String(repeating: "[", count: 20_000), "Malformed JSON"),
                (#"["a@example.com","secret","Ada"]"#, "The body must be an object, found an array"), ("7", "must be an object"),
                (#"{"email":5,"password":"secret","name":"Ada"}"#, "Field email must be a string, found the number 5"),
                (#"{"email":"a@example.com","password":["secret"],"name":"Ada"}"#, "Field password must be a string, found an array"),
                (#"{"email":{"$ne":""},"password":{"$ne":""},"name":"Ada"}"#, "Field email must be a string, found an object"),
                (#"{"email":"a\u0000b","password":"secret","name":"Ada"}"#, "Email must not contain a NUL character"),
                (#"{"email":"a@example.com","password":"sec\u0000ret","name":"Ada"}"#, "Password must not contain a NUL character"),
                (#"{"email":"a@example.com","password":"sec\ud800ret","name":"Ada"}"#, "Password must be valid Unicode"),
                (#"{"email":"\#(String(repeating: "e", count: 321))","password":"secret","name":"Ada"}"#, "Email must have at most 320"),
            ] {
                let answer = try await auth.send("POST", path, body)
                #expect(answer.status == 400, "\(body.prefix(80))")
                let text = try #require(try JSONValue(parsing: answer.body)["error"]?.stringValue)
                #expect(text.contains(reason), "\(text)")
            }
            #expect(auth.spans.finishedSpans.allSatisfy { $0.kind == .server })
        }
    }

    @Test func passwordOf72BytesIsTakenAndOf73Refused() async throws {
        try await AuthHarness.auth { auth in
            let longest = String(repeating: "é", count: 36)
            #expect(try await auth.register("a@example.com", password: longest).status == 201)
            #expect(try await auth.logIn("a@example.com", password: longest).status == 200)
            #expect(try await auth.logIn("a@example.com", password: String(longest.dropLast())).status == 400)
            for answer in [
                try await auth.register("b@example.com", password: longest + "x"),
                try await auth.logIn("a@example.com", password: longest + "x"),
            ] {
                #expect(answer.status == 400 && answer.text == #"{"error":"Password must have at most 72 bytes"}"#)
            }
        }
    }

    @Test(arguments: DatabaseKind.available)
    func statementsOfClientsAreText(kind: DatabaseKind) async throws {
        try await AuthHarness.auth(on: kind) { auth in
            let hostile = #"x'; DROP TABLE "User"; --"#
            #expect(try await auth.register(hostile, password: hostile, name: hostile).status == 201)
            #expect(try await auth.logIn("' OR '1'='1", password: "' OR '1'='1").status == 400)
            let answer = try await auth.logIn(hostile, password: hostile)
            #expect(answer.status == 200)
            #expect(try JSONValue(parsing: answer.body)["data"]?["name"]?.stringValue == hostile)
        }
    }

    @Test(arguments: DatabaseKind.available)
    func unicodeIsKeptExactly(kind: DatabaseKind) async throws {
        try await AuthHarness.auth(on: kind) { auth in
            // The same letter as one scalar and as two: two addresses.
            for (id, email) in ["\u{E9}@example.com", "e\u{301}@example.com", "👩‍👩‍👧@例え.jp"].enumerated() {
                let answer = try await auth.register(email, password: "🎺\(id)", name: email)
                #expect(answer.status == 201)
                let stored = try #require(try JSONValue(parsing: answer.body)["data"]?["email"]?.stringValue)
                #expect(Array(stored.utf8) == Array(email.utf8))
                #expect(
                    try JSONValue(parsing: try await auth.logIn(email, password: "🎺\(id)").body)["data"]?["id"] == .integer(Int64(id + 1)))
            }
        }
    }

    @Test(arguments: ["/auth/register", "/auth/login", "/auth/token"])
    func otherMethodsAreRefused(path: String) async throws {
        try await AuthHarness.auth { auth in
            for method in ["GET", "PUT", "DELETE"] {
                let answer = try await auth.send(method, path)
                #expect(answer.status == 405 && answer.headers["allow"] == "POST")
            }
        }
    }

    @Test(arguments: DatabaseKind.available)
    func oneOfTwoRegistrationsAtOnceWins(kind: DatabaseKind) async throws {
        try await AuthHarness.auth(on: kind, ["HASHING_THREADS": "4"], passwordCost: PasswordHashing.usualCost) { auth in
            let statuses = try await withThrowingTaskGroup(of: ServiceResponse.self) { group in
                for _ in 1...4 { group.addTask { try await auth.register("a@example.com") } }
                return try await group.reduce(into: [ServiceResponse]()) { $0.append($1) }
            }
            #expect(statuses.filter { $0.status == 201 }.count == 1)
            #expect(statuses.filter { $0.text == #"{"error":"User already exists"}"# }.count == 3)
        }
    }

    @Test func fullHashingQueueIsAnsweredWith503() async throws {
        try await AuthHarness.auth(["HASHING_THREADS": "1", "HASHING_QUEUE": "1"], passwordCost: PasswordHashing.usualCost) { auth in
            let answers = try await withThrowingTaskGroup(of: ServiceResponse.self) { group in
                for number in 1...24 { group.addTask { try await auth.register("\(number)@example.com") } }
                return try await group.reduce(into: [ServiceResponse]()) { $0.append($1) }
            }
            let refused = answers.filter { $0.status == 503 }
            #expect(!refused.isEmpty && answers.contains { $0.status == 201 })
            #expect(answers.allSatisfy { [201, 503].contains($0.status) })
            for answer in refused { #expect(answer.headers["retry-after"] == "1" && answer.text == #"{"error":"service busy"}"#) }
            let hashing = auth.spans.finishedSpans.filter { $0.name == "hash password" }
            #expect(hashing.count == 24 && hashing.filter { $0.status != .unset }.count == refused.count)
        }
    }
}
