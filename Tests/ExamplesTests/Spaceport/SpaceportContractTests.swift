// SPA-01, SPA-02: the spaceport's rules and answers.

import ExampleSupport
import Telemetry
import Testing

@testable import Spaceport

struct SpaceportContractTests {
    @Test("SPA-01: a ship docks and separates with the codes that it has asked for")
    func shipDocksAndSeparates() async throws {
        try await SpaceHarness.spaceport { port async throws in
            #expect(try await port.act("dock", "endeavour") == #"200 {"message":"Ship docked successfully"}"#)
            #expect(try await port.send("GET", "/docked_ships").text == #"["endeavour"]"#)
            #expect(try await port.act("separate", "endeavour") == #"200 {"message":"Ship separated successfully"}"#)
            #expect(try await port.send("GET", "/docked_ships").text == "[]")
        }
    }

    @Test("SPA-01: a code is a version 4 UUID, and a new one takes the place of the old one")
    func newCodeReplacesOldOne() async throws {
        try await SpaceHarness.spaceport { port in
            let (old, new) = (try await port.code("dock", "explorer"), try await port.code("dock", "explorer"))
            #expect(UUID(new) != nil && old != new && new.split(separator: "-")[2].hasPrefix("4"))
            #expect(try await port.use("dock", "explorer", old) == #"400 {"detail":"Invalid authorization code"}"#)
            #expect(try await port.use("dock", "explorer", new).hasPrefix("200 "))
        }
    }

    @Test("SPA-01: refusals are checked in order, and keep the code usable")
    func refusalsKeepTheCode() async throws {
        try await SpaceHarness.spaceport(limit: 1) { port in
            #expect(try await port.use("dock", "a", "none") == #"400 {"detail":"Invalid authorization code"}"#)
            #expect(try await port.act("dock", "a").hasPrefix("200 "))
            let code = try await port.code("dock", "a")
            // Docked already counts before the limit, and the code before both.
            #expect(try await port.use("dock", "a", "wrong") == #"400 {"detail":"Invalid authorization code"}"#)
            #expect(try await port.use("dock", "a", code) == #"400 {"detail":"Ship already docked"}"#)
            let other = try await port.code("dock", "b")
            #expect(try await port.use("dock", "b", other) == #"400 {"detail":"Docking limit reached"}"#)
            // A code for docking is none for separation.
            #expect(try await port.use("separate", "a", code) == #"400 {"detail":"Invalid authorization code"}"#)
            let notDocked = try await port.code("separate", "b")
            #expect(try await port.use("separate", "b", notDocked) == #"400 {"detail":"Ship not found"}"#)
            #expect(try await port.act("separate", "a").hasPrefix("200 "))
            #expect(try await port.use("dock", "b", other).hasPrefix("200 "), "The code is usable after a refusal.")
            #expect(try await port.use("dock", "b", other) == #"400 {"detail":"Invalid authorization code"}"#, "It is used up now.")
            #expect(try await port.use("separate", "b", notDocked).hasPrefix("200 "))
        }
    }

    @Test("SPA-02: ships and requests are listed in order, and cleared together")
    func listsAreClearedTogether() async throws {
        try await SpaceHarness.spaceport { port in
            for ship in ["c", "a", "b"] { #expect(try await port.act("dock", ship).hasPrefix("200 ")) }
            for ship in ["z", "y", "z"] { _ = try await port.code("dock", ship) }
            let separation = try await port.code("separate", "a")
            #expect(try await port.send("GET", "/docked_ships").text == #"["c","a","b"]"#)
            #expect(
                try await port.send("GET", "/authorization_requests").text
                    == #"{"docking_requests":[{"id":"y"},{"id":"z"}],"separation_requests":[{"id":"a"}]}"#)
            #expect(try await port.send("POST", "/clear_lists").text == #"{"message":"All lists cleared"}"#)
            #expect(try await port.send("GET", "/docked_ships").text == "[]")
            #expect(
                try await port.send("GET", "/authorization_requests").text == #"{"docking_requests":[],"separation_requests":[]}"#)
            #expect(try await port.use("separate", "a", separation) == #"400 {"detail":"Invalid authorization code"}"#)
        }
    }

    @Test("SPA-01: a body that is no ship is 422 in FastAPI's words, and changes nothing")
    func unfitBodyIs422() async throws {
        try await SpaceHarness.spaceport { port in
            let code = try await port.code("dock", "a")
            let answer = try await port.send("POST", "/dock", #"{"id":"a","authorization_code":"\#(code)","passengers":2.5}"#)
            #expect(answer.status == 422 && answer.headers["Content-Type"] == "application/json")
            #expect(
                answer.text
                    == #"{"detail":[{"type":"int_from_float","loc":["body","passengers"],"msg":"Input should be a valid integer, "#
                    + #"got a number with a fractional part","input":2.5}]}"#)
            for path in ["/dock", "/separate"] {
                #expect(try await port.send("POST", path, "{").status == 422)
                #expect(try await port.send("POST", path).status == 422)
            }
            #expect(try await port.use("dock", "a", code).hasPrefix("200 "), "The code was not used up.")
        }
    }

    @Test("SPA-01: routes that are not there are answered as FastAPI does")
    func unknownRoutes() async throws {
        try await SpaceHarness.spaceport { port in
            let missing = try await port.send("GET", "/nothing")
            #expect(missing.status == 404 && missing.text == #"{"detail":"Not Found"}"#)
            let wrong = try await port.send("GET", "/dock")
            #expect(wrong.status == 405 && wrong.text == #"{"detail":"Method Not Allowed"}"# && wrong.headers["Allow"] == "POST")
            let slash = try await port.send("GET", "/docked_ships/")
            #expect(slash.status == 307 && slash.headers["Location"] == "/docked_ships")
        }
    }

    @Test("SPA-01, SPA-10: an identifier that would fill the memory, or that the ledger could not keep, is refused")
    func unfitIdentifierIs422() async throws {
        try await SpaceHarness.spaceport { port in
            let longest = String(repeating: "x", count: 256)
            #expect(try await port.send("GET", "/request_docking/" + longest).status == 200)
            #expect(try await port.use("dock", longest, "guess") == #"400 {"detail":"Invalid authorization code"}"#)
            let unfit = [
                (longest + "x", "at most 256 bytes"), (String(repeating: "ü", count: 129), "at most 256 bytes"),
                ("a\0b", "without the character NUL"), ("", "at least 1 character"),
            ]
            for (ship, message) in unfit {
                if !ship.isEmpty {
                    for action in ["docking", "separation"] {
                        let answer = try await port.send("GET", "/request_\(action)/" + PercentEncoding.encode(ship))
                        #expect(answer.status == 422 && answer.text.contains(message) && answer.text.contains(#"["path","ship_id"]"#))
                    }
                }
                let body: JSONValue = ["id": .string(ship), "authorization_code": "guess", "passengers": 7]
                let answer = try await port.send("POST", "/dock", body.description)
                #expect(answer.status == 422 && answer.text.contains(message) && answer.text.contains(#"["body","id"]"#))
            }
        }
    }

    @Test("SPA-02: of very many ships that only ask, those that asked last have codes")
    func pendingCodesAreBounded() {
        var codes = PendingCodes()
        let first = codes.issue(to: "first")
        #expect(codes["first"] == first)
        for number in 0..<PendingCodes.maximumCount - 1 { _ = codes.issue(to: "\(number)") }
        let second = codes.issue(to: "first")
        #expect(codes["first"] == second && codes.ships.count == PendingCodes.maximumCount && codes.ships.last == "first")
        _ = codes.issue(to: "one more")
        #expect(codes["0"] == nil && codes["1"] != nil && codes["first"] == second)
        // Asking again and again takes no more memory than asking once.
        for _ in 0..<5 * PendingCodes.maximumCount { _ = codes.issue(to: "first") }
        #expect(codes.ships.count == PendingCodes.maximumCount && codes["one more"] != nil)
        codes.remove("first")
        #expect(codes["first"] == nil && codes.ships.last == "one more")
    }

    @Test("SPA-02: many ships at once dock up to the limit and no further")
    func limitHoldsUnderConcurrency() async throws {
        try await SpaceHarness.spaceport(limit: 5) { port in
            let docked = try await withThrowingTaskGroup(of: Bool.self) { group in
                for ship in 0..<40 { group.addTask { try await port.act("dock", "ship-\(ship)").hasPrefix("200 ") } }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(docked == 5)
            #expect(try JSONValue(parsing: try await port.send("GET", "/docked_ships").body).arrayValue?.count == 5)
        }
    }
}
