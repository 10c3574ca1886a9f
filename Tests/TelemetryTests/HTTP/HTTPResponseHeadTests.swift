// Serialization of response heads.

import Testing

@testable import Telemetry

struct HTTPResponseHeadTests {
    @Test func dateIsFormattedAsInRFC9110() {
        #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.text(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
    }

    @Test func framingFieldsOfHandlerAreReplaced() {
        let headers: HTTPHeaders = ["Content-Length": "7", "transfer-encoding": "gzip", "connection": "upgrade", "Date": "D", "X": "1"]
        var bytes: [UInt8] = []
        HTTPResponseHead.write(HTTPResponse(status: 404, headers: headers), .length(3), connection: "close", into: &bytes)
        let expected = "HTTP/1.1 404 Not Found\r\nDate: D\r\nX: 1\r\nContent-Length: 3\r\nConnection: close\r\n\r\n"
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }

    @Test func requestTargetIsSplitIntoPathAndQuery() {
        let request = HTTPRequest(method: "GET", target: "/a?b=c?d")
        #expect(request.path == "/a")
        #expect(request.query == "b=c?d")
        #expect(HTTPRequest(method: "GET", target: "/a").query == nil)
    }
}
