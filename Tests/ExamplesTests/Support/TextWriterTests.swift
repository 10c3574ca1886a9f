// Texts that are put together in one step.

import Telemetry
import Testing

@testable import ExampleSupport

struct TextWriterTests {
    @Test func piecesFollowEachOther() {
        let name = "ein Schiff mit längerem Namen ⛵️"
        let text = String(room: name.utf8.count + 10) { text in
            text.append("a")
            text.append("")
            text.append(name)
            text.append(" is here")
        }
        #expect(text == "a\(name) is here")
        #expect(String(room: 0) { $0.append("") } == "")
    }

    @Test func textsAreJoinedInOrder() {
        #expect(String(joining: "Dock ⛵️ ", "ö") == "Dock ⛵️ ö")
        #expect(String(joining: "a", "", "bc", "d", "é") == "abcdé")
        #expect(String(joining: "", "") == "")
    }

    @Test(arguments: [0, 7, 9, 10, 99, 100, 40_854, 999_999_999_999_999_999, 1_000_000_000_000_000_000, -1, -10, .max, .min])
    func numbersAreWrittenInDecimalDigits(number: Int) {
        #expect(String(room: 20) { $0.append(number) } == String(number))
        // Room for exactly the digits is enough.
        #expect(String(room: "\(number)".utf8.count) { $0.append(number) } == "\(number)")
    }

    @Test func accessLineHasPeerRequestAndStatus() {
        var request = ServiceRequest(
            HTTPRequest(method: "POST", target: "/dock?a=%20b", peerAddress: "127.0.0.1", peerPort: 40_854))
        #expect(UvicornAccessLines.line(of: request, 400) == #"127.0.0.1:40854 - "POST /dock?a=%20b HTTP/1.1" 400"#)
        request.peerAddress = nil
        #expect(UvicornAccessLines.line(of: request, 200) == #"unknown:40854 - "POST /dock?a=%20b HTTP/1.1" 200"#)
    }
}
