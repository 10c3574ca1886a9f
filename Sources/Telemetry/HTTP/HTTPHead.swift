// Parses start lines and header fields, and determines the framing of the body.

/// The first line and the header fields of a message.
package struct HTTPHead: Sendable {
    /// Of a request.
    package private(set) var method = ""
    package private(set) var target = ""
    /// Of a response.
    package private(set) var status = 0
    package private(set) var minorVersion = 1
    package private(set) var headers = HTTPHeaders()
    /// The approximate memory that it takes.
    private(set) var heldBytes = 0
    /// The host of a target in absolute form, which overrides the `Host` field. (RFC 9112 §3.2.2.)
    private var authority: String?

    package init(requestLine line: UnsafeBufferPointer<UInt8>) throws(HTTPParseError) {
        if line.first == UInt8(ascii: "P"), line.elementsEqual("PRI * HTTP/2.0".utf8) { throw .http2 }
        guard let first = line.firstIndex(of: 32, from: 0), let last = line.lastIndex(of: 32), first < last else {
            throw .bad("the first line is no request line")
        }
        let (method, target) = (line[..<first], line[(first + 1)..<last])
        minorVersion = try Self.minorVersion(UnsafeBufferPointer(rebasing: line[(last + 1)...]))
        heldBytes = line.count
        guard HTTPGrammar.isToken(method), !target.isEmpty, target.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .bad("the first line is no request line")
        }
        self.method = String(decoding: method, as: UTF8.self)
        if target.first == UInt8(ascii: "/") || self.method == "CONNECT" || (target.count == 1 && target.first == UInt8(ascii: "*")) {
            self.target = String(decoding: target, as: UTF8.self)
        } else {
            // The absolute form that proxies are sent.
            guard let url = HTTPURL(String(decoding: target, as: UTF8.self)), url.socketPath == nil else {
                throw .bad("the request target does not begin with a slash")
            }
            (self.target, authority) = (url.target, url.authority)
        }
    }

    package init(statusLine line: UnsafeBufferPointer<UInt8>) throws(HTTPParseError) {
        minorVersion = try Self.minorVersion(UnsafeBufferPointer(rebasing: line.prefix(8)))
        let rest = line.dropFirst(8)
        let digits = rest.dropFirst().prefix(3)
        let number = digits.reduce(0) { $0 * 10 + Int($1) - 48 }
        guard rest.first == 32, digits.count == 3, digits.allSatisfy(HTTPGrammar.isDigit), number >= 100,
            rest.count == 4 || rest.dropFirst(4).first == 32
        else { throw .bad("the first line is no status line") }
        status = number
    }

    /// Later versions of HTTP/1 are to be understood as HTTP/1.1. (RFC 9110 §6.2.)
    private static func minorVersion(_ text: UnsafeBufferPointer<UInt8>) throws(HTTPParseError) -> Int {
        guard text.count == 8, text[0] == UInt8(ascii: "H"), text[1] == UInt8(ascii: "T"), text[2] == UInt8(ascii: "T"),
            text[3] == UInt8(ascii: "P"), text[4] == UInt8(ascii: "/"), HTTPGrammar.isDigit(text[5]), text[6] == UInt8(ascii: "."),
            HTTPGrammar.isDigit(text[7])
        else { throw .bad("the protocol is not HTTP") }
        guard text[5] == UInt8(ascii: "1") else { throw .unknownVersion }
        return text[7] == UInt8(ascii: "0") ? 0 : 1
    }

    /// Adds the header field of a line.
    package mutating func addField(_ line: UnsafeBufferPointer<UInt8>) throws(HTTPParseError) {
        let (name, value) = try Self.field(line)
        heldBytes += line.count + Self.fieldOverhead
        headers.addChecked(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
    }

    /// The overhead of two strings and their element of the array.
    private static let fieldOverhead = 128

    /// Splits a line into name and value. A space before the colon and a folded line are malformed names.
    package static func field(_ line: UnsafeBufferPointer<UInt8>) throws(HTTPParseError) -> (
        name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
    ) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":"), from: 0), HTTPGrammar.isToken(line[..<colon]) else {
            throw .bad("a header field has no valid name")
        }
        var value = line[(colon + 1)...].drop(while: HTTPGrammar.isBlank)
        while let last = value.last, HTTPGrammar.isBlank(last) { value.removeLast() }
        guard HTTPGrammar.isFieldValue(value) else { throw .bad("a header field holds a control character") }
        return (UnsafeBufferPointer(rebasing: line[..<colon]), UnsafeBufferPointer(rebasing: value))
    }

    /// Checks the `Host` field of a request. (RFC 9112 §3.2.)
    package mutating func checkHost() throws(HTTPParseError) {
        let count = headers.count(named: "Host")
        guard count == 1 || (minorVersion == 0 && count == 0),
            headers["Host"].map({ HTTPGrammar.allSatisfy($0.utf8, HTTPGrammar.isHostCharacter) }) ?? true
        else { throw .bad("there must be one valid Host field") }
        if let authority { headers["Host"] = authority }
    }

    /// How the end of the body is determined.
    package enum BodyFraming: Equatable {
        case length(Int)
        case chunked
        case untilClose
    }

    /// Returns how the end of the body is determined. Throws if two parties could interpret the length differently. (RFC 9112 §6.3.)
    package func bodyFraming(isRequest: Bool) throws(HTTPParseError) -> BodyFraming {
        let lengths = headers.values(named: "Content-Length")
        let codings = headers.values(named: "Transfer-Encoding")
        if !codings.isEmpty {
            guard lengths.isEmpty else { throw .bad("both Content-Length and Transfer-Encoding are given") }
            guard minorVersion == 1 else { throw .bad("HTTP/1.0 has no Transfer-Encoding") }
            guard codings.count == 1, HTTPGrammar.isSame(codings[0], "chunked") else { throw .unknownCoding }
            return .chunked
        }
        guard let text = lengths.first else { return isRequest ? .length(0) : .untilClose }
        guard lengths.count == 1, !text.isEmpty, text.utf8.allSatisfy(HTTPGrammar.isDigit) else {
            throw .bad("Content-Length is not one number")
        }
        // A number that overflows is beyond every limit.
        return .length(Int(text) ?? .max)
    }

    /// True if the connection may be reused after this message.
    package var keepsConnection: Bool {
        minorVersion == 1 ? !headers.contains("close", in: "Connection") : headers.contains("keep-alive", in: "Connection")
    }
}
