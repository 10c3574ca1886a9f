// SPA-01, SPA-02: what FastAPI serves beside the routes, the interface as a document and as pages.

import ExampleSupport
import Telemetry
import Testing

@testable import Spaceport
@testable import Spaceship

struct SpaceDocumentTests {
    @Test("SPA-01: a spaceport's answers are what its document says")
    func answersOfSpaceportFollowDocument() async throws {
        let validator = OpenAPIValidator(document: SpaceportDocument.json)
        try await SpaceHarness.spaceport(limit: 1) { port in
            func check(_ method: String, _ path: String, _ target: String, _ body: String = "", status: Int) async throws {
                let answer = try await port.send(method, target, body)
                #expect(answer.status == status, "\(method) \(target)")
                #expect(validator.violations(answer, of: method, path) == [], "\(method) \(target)")
            }
            for (noun, action) in [("docking", "dock"), ("separation", "separate")] {
                try await check("GET", "/request_\(noun)/{ship_id}", "/request_\(noun)/a", status: 200)
                try await check("GET", "/request_\(noun)/{ship_id}", "/request_\(noun)/\(String(repeating: "a", count: 300))", status: 422)
                try await check("GET", "/authorization_requests", "/authorization_requests", status: 200)
                let code = try await port.code(action, "a")
                let ship = #"{"id":"a","authorization_code":"\#(code)","passengers":7}"#
                for body in [
                    "{", "[]", "{}", #"{"id":1,"authorization_code":true,"passengers":"x"}"#,
                    #"{"id":"","authorization_code":"b","passengers":1}"#,
                ] { try await check("POST", "/\(action)", "/\(action)", body, status: 422) }
                try await check("POST", "/\(action)", "/\(action)", ship, status: 200)
                try await check("GET", "/docked_ships", "/docked_ships", status: 200)
                try await check("POST", "/\(action)", "/\(action)", ship, status: 400)
            }
            try await check("POST", "/clear_lists", "/clear_lists", status: 200)
        }
    }

    @Test("SPA-02: a spaceship's answers are what its document says")
    func answersOfSpaceshipFollowDocument() async throws {
        let validator = OpenAPIValidator(document: SpaceshipDocument.json)
        try await SpaceHarness.spaceport(limit: 1) { port in
            try await SpaceHarness.spaceship("a") { ship in
                for (path, target, status) in [
                    ("/dock/{spaceport}", "/dock/\(port.location)", 200), ("/dock/{spaceport}", "/dock/\(port.location)", 400),
                    ("/separate/{spaceport}", "/separate/\(port.location)", 200), ("/dock/{spaceport}", "/dock/127.0.0.1:1", 500),
                    ("/dock/{spaceport}", "/dock/a%20b", 422),
                ] {
                    let answer = try await ship.send("POST", target)
                    #expect(answer.status == status, "\(target)")
                    #expect(validator.violations(answer, of: "POST", path) == [], "\(target)")
                }
            }
        }
    }

    @Test("SPA-01: the document and its pages are where FastAPI has them")
    func documentAndPagesAreServed() async throws {
        try await SpaceHarness.spaceport { port in
            #expect(try JSONValue(parsing: try await port.send("GET", "/openapi.json").body) == SpaceportDocument.json)
            for path in ["/docs", "/redoc"] {
                let page = try await port.send("GET", path)
                #expect(page.status == 200 && page.headers["Content-Type"]?.hasPrefix("text/html") == true)
                #expect(page.text.contains("<title>Spaceport</title>") && page.text.contains("/request_docking/{ship_id}"))
            }
            #expect(try await port.send("POST", "/docs").status == 405)
        }
    }
}
