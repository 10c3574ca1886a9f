// APO-08 and APO-10: the dispatcher relays commands, and what comes of them.

import ExampleSupport
import Telemetry
import Testing

@testable import CommandDispatcher

struct DispatchTests {
    private static let saved = ServiceResponse.json(["status": "Command saved"])

    /// Runs a closure with a dispatcher before a lunar module that answers so.
    private func dispatching(_ answer: ServiceResponse, _ body: (RunningApolloService, StubService) async throws -> Void) async throws {
        let module = StubService(answer)
        try await module.listening { url in
            try await ApolloHarness.dispatcher(moduleURL: url + "/command") { try await body($0, module) }
        }
    }

    @Test("APO-08: a command is relayed with its fields that are not null") func commandIsRelayed() async throws {
        try await dispatching(Self.saved) { dispatcher, module in
            let answer = try await dispatcher.send("POST", "/dispatch", #"{"command_type":"START_MISSION","parameters":null,"x":1}"#)
            #expect(answer.status == 200)
            #expect(answer.text == #"{"status":"relayed","lunar_module_response":{"status":"Command saved"}}"#)
            // A timestamp, which the original could not relay, is among the fields.
            let whole =
                #"{"command_type":"LAND","id":7,"timestamp":"2025-07-20T20:17:40Z","status":"PENDING","parameters":{"site":[1,null]}}"#
            _ = try await dispatcher.send("POST", "/dispatch", whole, headers: ["Idempotency-Key": "k"])
            #expect(module.requests.map(\.text) == [#"{"command_type":"START_MISSION"}"#, whole])
            #expect(module.requests.map { $0.headers["Idempotency-Key"] } == [nil, "k"])
            #expect(module.requests.allSatisfy { $0.method == "POST" && $0.path == "/command" })
            #expect(dispatcher.records("received command").count == 2)
            #expect(dispatcher.records("lunar module answered").first?.attributes["status"] == 200)
        }
    }

    @Test("APO-08: a status of the lunar module is passed on", arguments: [400, 503])
    func statusIsPassedOn(status: Int) async throws {
        var refusal = ServiceResponse.json(["error": "no"], status: status)
        refusal.headers["Retry-After"] = "7"
        try await dispatching(refusal) { dispatcher, _ in
            let answer = try await dispatcher.send("POST", "/dispatch", #"{"command_type":"LAND"}"#)
            #expect(answer.status == status && answer.headers["Retry-After"] == "7")
            #expect(answer.text == #"{"status":"rejected","lunar_module_response":{"error":"no"}}"#)
        }
    }

    @Test("APO-08: a lunar module that is away or not understood is 500") func missingModuleIs500() async throws {
        try await ApolloHarness.dispatcher(moduleURL: "http://127.0.0.1:1") { dispatcher in
            let answer = try await dispatcher.send("POST", "/dispatch", #"{"command_type":"LAND"}"#)
            #expect(answer.status == 500 && answer.text == "Internal Server Error")
            #expect(dispatcher.records("lunar module has no answer").count == 1)
            let spans = dispatcher.spans("POST /command") + dispatcher.spans("POST /dispatch")
            #expect(spans.count == 2 && spans.allSatisfy { if case .error = $0.status { true } else { false } })
        }
        try await dispatching(.text("busy")) { dispatcher, _ in
            let answer = try await dispatcher.send("POST", "/dispatch", #"{"command_type":"LAND"}"#)
            #expect(answer.status == 500)
            #expect(try await dispatcher.send("GET", "/commands").status == 500)
        }
    }

    @Test(
        "APO-08: bad bodies are refused, and nothing is relayed",
        arguments: [
            ("{}", "missing"), (#"{"command_type":1}"#, "string_type"), (#"{"command_type":"A","id":"x"}"#, "int_parsing"),
            (#"{"command_type":"A","status":1}"#, "string_type"), ("{", "json_invalid"), ("", "missing"),
        ])
    func badBodyIsRefused(body: String, type: String) async throws {
        try await dispatching(Self.saved) { dispatcher, module in
            let answer = try await dispatcher.send("POST", "/dispatch", body)
            #expect(answer.status == 422)
            #expect(try JSONValue(parsing: answer.body)["detail"]?[0]?["type"]?.stringValue == type)
            #expect(module.requests.isEmpty)
        }
    }

    @Test("APO-08: the commands of the lunar module can be seen") func commandsAreServed() async throws {
        try await dispatching(.json(["commands": []], status: 200)) { dispatcher, module in
            for path in ["/commands", "/commands/7"] {
                let answer = try await dispatcher.send("GET", path)
                #expect(answer.text == #"{"commands":[]}"#)
            }
            #expect(module.requests.map(\.path) == ["/commands", "/commands/7"])
            #expect(try await dispatcher.send("GET", "/commands/x").status == 422)
        }
    }

    @Test("APO-10: probes answer") func probesAnswer() async throws {
        try await dispatching(Self.saved) { dispatcher, _ in
            for (path, text) in [("/health", "OK"), ("/ready", "READY"), ("/started", "STARTED")] {
                let answer = try await dispatcher.send("GET", path)
                #expect(answer.text == #"{"status":"\#(text)"}"#)
            }
            #expect(try await dispatcher.send("GET", "/").text == #"{"detail":"Not Found"}"#)
        }
    }
}
