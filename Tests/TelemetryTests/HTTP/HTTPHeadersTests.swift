// Lookup, replacement and validation of header fields.

import Testing

@testable import Telemetry

struct HTTPHeadersTests {
    @Test func lookupIgnoresCaseAndOrderIsKept() {
        var headers: HTTPHeaders = ["Accept": "text/html", "X-One": "1"]
        headers.add("accept", "text/plain")
        #expect(headers["ACCEPT"] == "text/html")
        #expect(headers.values(named: "Accept") == ["text/html", "text/plain"])
        #expect(headers.map(\.name) == ["Accept", "X-One", "accept"])
    }

    @Test func settingReplacesAllValuesAndNilRemovesThem() {
        var headers: HTTPHeaders = ["A": "1", "B": "2", "a": "3"]
        headers["A"] = "4"
        #expect(headers.values(named: "a") == ["4"])
        headers["b"] = nil
        #expect(headers.count == 1)
    }

    @Test(arguments: ["a\r\nEvil: 1", "a\nb", "a\rb", "a\0b", "\u{7F}"])
    func valueWithLineBreakIsOmitted(value: String) {
        var headers = HTTPHeaders()
        headers.add("X-Name", value)
        #expect(headers.count == 0)
    }

    @Test(arguments: ["", "a b", "a:", "a\r\n", "ä", "a\0"])
    func nameThatIsNoTokenIsOmitted(name: String) {
        var headers = HTTPHeaders()
        headers[name] = "value"
        #expect(headers.count == 0)
    }

    @Test func containsFindsListElements() {
        let headers: HTTPHeaders = ["Connection": "Upgrade,\tKeep-Alive ", "connection": "close"]
        #expect(headers.contains("keep-alive", in: "Connection"))
        #expect(headers.contains("close", in: "Connection"))
        #expect(!headers.contains("keep", in: "Connection"))
    }

    @Test func caseInsensitiveComparisonIsASCIIOnly() {
        #expect(!HTTPGrammar.isSame("chun\u{212A}ed", "chunked"))
        #expect(HTTPGrammar.isSame("CHUNKED", "chunked"))
        #expect(!HTTPGrammar.isSame("[", "{"))
    }
}
