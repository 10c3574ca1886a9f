// The spans and metrics of statements.

import ExampleSupport
import Telemetry
import Testing

struct DatabaseTelemetryTests {
    @Test(arguments: DatabaseKind.available) func statementIsAClientSpan(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            #expect(test.memory.finishedSpans.isEmpty)
            try await test.telemetry.tracer.withSpan("request") { span in
                _ = try await test.database.rows(.insertItem, "sesame", 47)
                let spans = test.memory.finishedSpans
                let statement = try #require(spans.first)
                #expect(spans.count == 1)
                #expect(statement.name == "INSERT item" && statement.kind == .client)
                #expect(statement.parentSpanID == span.context.spanID)
                var expected: Attributes = [
                    "db.system.name": .string(kind.rawValue), "db.query.summary": "INSERT item", "db.operation.name": "INSERT",
                    "db.query.text": "INSERT INTO item (id, number) VALUES ($1, $2)", "db.collection.name": "item",
                ]
                expected["db.namespace"] = .string(try Self.namespace(of: test.url))
                if kind == .postgresql {
                    expected["server.address"] = "127.0.0.1"
                    expected["server.port"] = AttributeValue(try #require(PostgreSQLServer.shared).port)
                }
                #expect(statement.attributes == expected)
                #expect(statement.status == .unset)
            }
        }
    }

    @Test(arguments: DatabaseKind.available) func failureHasTheCodeOfTheDatabase(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            let code: AttributeValue = kind == .sqlite ? "1555" : "23505"
            _ = try await test.database.rows(.insertItem, "sesame", 47)
            _ = await test.error { () throws(DatabaseError) in _ = try await test.database.rows(.insertItem, "sesame", 47) }
            let span = try #require(test.memory.finishedSpans.last)
            #expect(span.attributes["db.response.status_code"] == code && span.attributes["error.type"] == code)
            guard case .error = span.status else {
                Issue.record("The span of a failed statement has no error.")
                return
            }
        }
    }

    @Test(arguments: DatabaseKind.available) func nothingShowsValuesOrSecrets(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            let insert: DatabaseStatement = "INSERT INTO item (id, number) VALUES ($1, CAST($2 AS INTEGER))"
            for parameters in [["value-one", 1], ["value-one", 1], ["value-one", "value-two"], ["value\0-three", 1]] as [[DatabaseValue]] {
                _ = await test.error { () throws(DatabaseError) in _ = try await test.database.rows(insert, parameters) }
            }
            let spans = test.memory.finishedSpans.map { "\($0.name) \($0.attributes) \($0.events) \($0.status)" }.joined()
            let page = try await Self.page(test)
            for secret in ["value-", PostgreSQLServer.user + ":", PostgreSQLServer.password, "\"\(PostgreSQLServer.user)\""] {
                #expect(!spans.contains(secret) && !page.contains(secret))
            }
        }
    }

    @Test(arguments: DatabaseKind.available) func transactionHasSpansOfItsOwn(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items) { test in
            try await test.database.transaction { transaction throws(DatabaseError) in
                _ = try await transaction.rows(.insertItem, "one", 1)
            }
            #expect(test.memory.finishedSpans.map(\.name) == ["BEGIN", "INSERT item", "COMMIT"])
        }
    }

    @Test(arguments: DatabaseKind.available) func operationsAndConnectionsAreCounted(_ kind: DatabaseKind) async throws {
        try await TestDatabase.with(kind, .items, environment: ["DATABASE_POOL": "3"]) { test in
            for index in 0..<5 { _ = try await test.database.rows(.insertItem, "\(index)", 1) }
            var page = try await Self.page(test)
            func sample(_ name: String, _ words: String...) -> Double? {
                let lines = page.split(separator: "\n").filter { line in
                    line.hasPrefix(name + "{") && words.allSatisfy { line.contains($0) }
                }
                return lines.count == 1 ? lines[0].split(separator: " ").last.flatMap { Double($0) } : nil
            }
            #expect(sample("db_client_operation_duration_seconds_count", "db_query_summary=\"INSERT item\"") == 5)
            #expect(!page.contains("db_query_text"))
            #expect(sample("db_client_connection_max") == 3)
            // A connection is given back just after its statement is answered.
            let deadline = ContinuousClock.now + ServiceHarness.patience
            while sample("db_client_connection_count", "\"used\"") != 0, ContinuousClock.now < deadline {
                page = try await Self.page(test)
            }
            let idle = sample("db_client_connection_count", "\"idle\"")
            #expect(idle.map { $0 >= 1 && $0 <= 3 } == true)
            #expect(sample("db_client_connection_pending_requests") == 0)
            for name in ["create_time", "wait_time", "use_time"] {
                #expect(sample("db_client_connection_\(name)_seconds_count").map { $0 >= 1 } == true, "\(name)")
            }
        }
    }

    private static func namespace(of url: String) throws -> String {
        url.hasPrefix("sqlite:") ? String(url.dropFirst("sqlite:".count)) : String(try #require(url.split(separator: "/").last))
    }

    private static func page(_ test: TestDatabase) async throws -> String {
        let application = TracedApplication(test.telemetry, router: Router())
        return try await ServiceHarness.listening({ await application.respond(to: $0) }) { url in
            try await SocketTransport(timeout: ServiceHarness.patience).send("GET", url + "/metrics", headers: [:], body: []).text
        }
    }
}
