// SPA-03, SPA-06, SPA-11: a spaceship before real spaceports and before faulty ones.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import Spaceship

struct SpaceshipContractTests {
    @Test("SPA-03: a ship docks and separates at a named spaceport, in one trace of five spans each")
    func shipDocksAndSeparates() async throws {
        try await SpaceHarness.spaceport { port in
            try await SpaceHarness.spaceship("endeavour", ["SPACEPORTS": "pontus=\(port.location)"]) { ship in
                for (action, noun, past) in [("dock", "docking", "docked"), ("separate", "separation", "separated")] {
                    port.forget()
                    ship.forget()
                    let answer = try await ship.send("POST", "/\(action)/pontus")
                    #expect(answer.status == 200 && answer.text == #"{"message":"Ship \#(past) successfully"}"#)
                    let server = try ship.serverSpan("POST /\(action)/{spaceport}")
                    let calls = ship.spans.finishedSpans.filter { $0.kind == .client }
                    #expect(calls.map(\.name) == ["GET", "POST"] && calls.allSatisfy { $0.parentSpanID == server.spanID })
                    #expect(calls.first?.attributes["url.full"] == .string("\(port.url)/request_\(noun)/endeavour"))
                    let parts = [try port.serverSpan("GET /request_\(noun)/{ship_id}"), try port.serverSpan("POST /\(action)")]
                    #expect(parts.map(\.parentSpanID) == calls.map(\.spanID) && parts.allSatisfy(\.hasRemoteParent))
                    let all = ship.spans.finishedSpans + port.spans.finishedSpans
                    #expect(all.count == 5 && Set(all.map(\.traceID)).count == 1 && all.allSatisfy { $0.status == .unset })
                    #expect(server.attributes["ship.id"] == "endeavour" && server.attributes["spaceport.name"] == "pontus")
                    #expect(server.attributes["spa.refusal.reason"] == nil)
                }
            }
        }
    }

    @Test("SPA-03: with the spans of ASGI, docking is the original's trace of twelve spans")
    func dockingIsTwelveSpans() async throws {
        try await SpaceHarness.spaceport(["ASGI_SPANS": "on"]) { port in
            try await SpaceHarness.spaceship("endeavour", ["ASGI_SPANS": "on"]) { ship async throws in
                #expect(try await ship.send("POST", "/dock/\(port.location)").status == 200)
                let all = ship.spans.finishedSpans + port.spans.finishedSpans
                #expect(all.count == 12 && Set(all.map(\.traceID)).count == 1)
                #expect(all.count { $0.name == "POST /dock/{spaceport} http send" } == 2)
            }
        }
    }

    @Test("SPA-03: a refusal has the status of the spaceport, and its whole body as the detail")
    func refusalIsNested() async throws {
        try await SpaceHarness.spaceport(limit: 0) { port in
            try await SpaceHarness.spaceship("voyager", ["SPACEPORTS": "pontus=\(port.location)"]) { ship in
                let answer = try await ship.send("POST", "/dock/pontus")
                #expect(answer.status == 400 && answer.text == #"{"detail":{"detail":"Docking limit reached"}}"#)
                #expect(try await ship.send("POST", "/separate/pontus").text == #"{"detail":{"detail":"Ship not found"}}"#)
                #expect(
                    ship.lines == [
                        "info Requesting docking at pontus spaceport=pontus ship_id=voyager",
                        #"error Failed to dock at pontus spaceport=pontus ship_id=voyager detail={"detail":"Docking limit reached"}"#,
                        "info Requesting separation at pontus spaceport=pontus ship_id=voyager",
                        #"error Failed to separate from pontus spaceport=pontus ship_id=voyager detail={"detail":"Ship not found"}"#,
                    ])
            }
        }
    }

    @Test("SPA-11: from the trace of a refusal one reads why, on the ship's own span too")
    func traceSaysWhy() async throws {
        try await SpaceHarness.spaceport(limit: 0) { port in
            try await SpaceHarness.spaceship("voyager") { ship in
                _ = try await ship.send("POST", "/dock/\(port.location)")
                let server = try ship.serverSpan("POST /dock/{spaceport}")
                #expect(server.attributes["ship.id"] == "voyager" && server.attributes["spaceport.name"] == .string(port.location))
                #expect(server.attributes["spa.refusal.reason"] == "Docking limit reached")
                // By the original's rule: no error on the ship's server span, one on its call, one on the step that was refused.
                #expect(server.status == .unset)
                let calls = ship.spans.finishedSpans.filter { $0.kind == .client }
                #expect(calls.map(\.status) == [.unset, .error("")])
                #expect(try port.serverSpan("POST /dock").status == .error("Docking limit reached"))
            }
        }
    }

    @Test("SPA-06: the lines of both services carry the identifiers of the one trace")
    func linesShareTheTrace() async throws {
        try await SpaceHarness.spaceport { port in
            try await SpaceHarness.spaceship { ship in
                _ = try await ship.send("POST", "/dock/\(port.location)")
                let traceID = try ship.serverSpan("POST /dock/{spaceport}").traceID
                let records = ship.logs.finishedRecords + port.logs.finishedRecords
                #expect(records.count == 6 && records.allSatisfy { $0.traceID == traceID && $0.spanID.isValid })
            }
        }
    }

    @Test("SPA-03: a code that is refused is said to be the reason, with the status of the spaceport")
    func refusedCodeIsLoggedAsSuch() async throws {
        let refusal: Handler = { _ in .json(["detail": "closed"], status: 418) }
        try await ServiceHarness.listening(refusal) { url in
            let port = url.dropFirst("http://".count)
            try await SpaceHarness.spaceship { ship in
                let answer = try await ship.send("POST", "/dock/\(port)")
                #expect(answer.status == 418 && answer.text == #"{"detail":{"detail":"closed"}}"#)
                #expect(ship.lines.last?.hasPrefix("error Failed to request authorization code from \(port) ") == true)
            }
        }
    }

    @Test("SPA-03: a spaceport that is away, or answers with no JSON, is 500 in plain text", arguments: ["nothing", "code", "action"])
    func faultySpaceportIs500(fault: String) async throws {
        let faulty: Handler = { request in
            if request.method == "GET", fault == "action" { return .json(["authorization_code": "c"]) }
            return .text("<html>")
        }
        try await ServiceHarness.listening(faulty) { url in
            let port = fault == "nothing" ? "127.0.0.1:1" : String(url.dropFirst("http://".count))
            try await SpaceHarness.spaceship { ship in
                let answer = try await ship.send("POST", "/separate/\(port)")
                #expect(answer.status == 500 && answer.text == "Internal Server Error")
                #expect(answer.headers["Content-Type"]?.hasPrefix("text/plain") == true)
                let span = try ship.serverSpan("POST /separate/{spaceport}")
                guard case .error(let description) = span.status else {
                    Issue.record("The span says what went wrong.")
                    return
                }
                #expect(description.hasPrefix("Failed to separate from \(port): "))
                #expect(ship.lines.last?.hasPrefix("error Failed to separate from \(port) ") == true)
            }
        }
    }

    @Test(
        "SPA-03: a text that is no host is refused before anything is sent",
        arguments: ["a%2Fb", "x%3Fy", "u%40h", "a%20b", "h:port", "h:99999"])
    func textThatIsNoHostIs422(text: String) async throws {
        try await SpaceHarness.spaceship { ship in
            let answer = try await ship.send("POST", "/dock/\(text)")
            #expect(answer.status == 422 && answer.text.contains(#""loc":["path","spaceport"]"#))
            #expect(ship.spans.finishedSpans.allSatisfy { $0.kind != .client })
        }
    }

    @Test("SPA-03: passengers are drawn afresh each time, from 2 to 2000")
    func passengersAreDrawnAfresh() async throws {
        let seen = Mutex<[Int]>([])
        let port: Handler = { request in
            guard request.method == "POST" else { return .json(["authorization_code": "c"]) }
            let body = try? JSONValue(parsing: request.body)
            seen.withLock { $0.append(body?["passengers"]?.integerValue ?? -1) }
            return .json(["message": "ok", "id": body?["id"] ?? .null])
        }
        try await ServiceHarness.listening(port) { url in
            try await SpaceHarness.spaceship("endeavour") { ship in
                for _ in 0..<30 {
                    let answer = try await ship.send("POST", "/dock/\(url.dropFirst("http://".count))")
                    #expect(answer.text == #"{"message":"ok","id":"endeavour"}"#, "The body is passed through.")
                }
            }
        }
        let numbers = seen.withLock { $0 }
        #expect(numbers.count == 30 && numbers.allSatisfy { (2...2000).contains($0) } && Set(numbers).count > 20)
    }

    @Test("SPA-09: spaceports on one machine have names, and a list that is none is refused")
    func directoryKnowsNames() throws {
        let directory = try SpaceportDirectory(ServiceEnvironment(["SPACEPORTS": "pontus=127.0.0.1:32500, zura=[::1]:32501"]))
        #expect(directory.url(of: "pontus") == "http://127.0.0.1:32500" && directory.url(of: "zura") == "http://[::1]:32501")
        #expect(directory.url(of: "deepspace9-spaceport") == "http://deepspace9-spaceport")
        for text in ["pontus", "pontus=", "pontus=127.0.0.1:32500/x", "=a b"] {
            #expect(throws: StartFailure.self) { try SpaceportDirectory(ServiceEnvironment(["SPACEPORTS": text])) }
        }
    }

    @Test("SPA-03: the name of the host is the ship's, unless another is given")
    func shipHasTheNameOfItsHost() throws {
        #expect(try !SpaceshipApp.shipID(ServiceEnvironment([:])).isEmpty)
        #expect(try SpaceshipApp.shipID(ServiceEnvironment(["SHIP_ID": "explorer-1"])) == "explorer-1")
        #expect(throws: StartFailure.self) { try SpaceshipApp.shipID(ServiceEnvironment(["SHIP_ID": "a/b"])) }
    }
}
