// The first line and the header fields of a message.

/// The first line and the header fields of a message.
struct HTTPHead: Sendable {
    /// Of a request.
    var method = ""
    var target = ""
    /// Of a response.
    var status = 0
    var minorVersion = 1
    var headers = HTTPHeaders()

    /// Reads a head that ends with its empty line.
    init(_ bytes: [UInt8], isRequest: Bool, limits: HTTPLimits) throws(HTTPParseError) {
        var lines = Lines(bytes)
        guard let first = try lines.next() else { throw .bad("there is no first line") }
        guard first.count <= limits.startLine else { throw isRequest ? .startLineTooLong : .headersTooLarge }
        if isRequest { try readRequestLine(first) } else { try readStatusLine(first) }
        var size = 0
        while let line = try lines.next(), !line.isEmpty {
            size += line.count
            guard headers.count < limits.headerCount, size <= limits.headerBytes else { throw .headersTooLarge }
            try readField(line)
        }
        guard isRequest else { return }
        let hosts = headers.values(named: "Host").count
        guard hosts == 1 || (minorVersion == 0 && hosts == 0) else { throw .bad("there must be one Host field") }
    }

    private mutating func readRequestLine(_ line: ArraySlice<UInt8>) throws(HTTPParseError) {
        let parts = line.split(separator: 32, omittingEmptySubsequences: false)
        guard parts.count == 3, HTTPGrammar.isToken(parts[0]), !parts[1].isEmpty, parts[1].allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { throw .bad("the first line is no request line") }
        minorVersion = try Self.minorVersion(parts[2])
        method = String(decoding: parts[0], as: UTF8.self)
        target = String(decoding: parts[1], as: UTF8.self)
        guard target.hasPrefix("/") || target == "*" || target.contains("://") || method == "CONNECT" else {
            throw .bad("the request target does not begin with a slash")
        }
        if let scheme = target.range(of: "://"), !target.hasPrefix("/") {
            // The absolute form that proxies are sent: only its path and query matter to a server.
            let rest = target[scheme.upperBound...]
            target = rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? "/"
        }
    }

    private mutating func readStatusLine(_ line: ArraySlice<UInt8>) throws(HTTPParseError) {
        let parts = line.split(separator: 32, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[1].count == 3, let number = Int(String(decoding: parts[1], as: UTF8.self)), number >= 100 else {
            throw .bad("the first line is no status line")
        }
        minorVersion = try Self.minorVersion(parts[0])
        status = number
    }

    private static func minorVersion(_ text: ArraySlice<UInt8>) throws(HTTPParseError) -> Int {
        guard text.count == 8, text.starts(with: "HTTP/".utf8) else { throw .bad("the protocol is not HTTP") }
        switch String(decoding: text.suffix(3), as: UTF8.self) {
        case "1.1": return 1
        case "1.0": return 0
        default: throw HTTPParseError(status: 505, description: "only HTTP/1.1 and HTTP/1.0 are spoken here")
        }
    }

    private mutating func readField(_ line: ArraySlice<UInt8>) throws(HTTPParseError) {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), HTTPGrammar.isToken(line[..<colon]) else {
            throw .bad("a header field has no valid name")
        }
        let value = line[(colon + 1)...].trimmingBlanks()
        guard HTTPGrammar.isFieldValue(value) else { throw .bad("a header field holds a control character") }
        headers.addChecked(String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
    }

    /// Walks lines that end with CR LF, and refuses CR or LF anywhere else.
    private struct Lines {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: [UInt8]) {
            rest = bytes[...]
        }

        mutating func next() throws(HTTPParseError) -> ArraySlice<UInt8>? {
            guard let feed = rest.firstIndex(of: 10) else { return nil }
            guard feed > rest.startIndex, rest[feed - 1] == 13 else { throw .bad("a line ends without CR") }
            let line = rest[..<(feed - 1)]
            guard !line.contains(13) else { throw .bad("a line holds a CR") }
            rest = rest[(feed + 1)...]
            return line
        }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func trimmingBlanks() -> ArraySlice<UInt8> {
        var slice = drop { $0 == 32 || $0 == 9 }
        while slice.last == 32 || slice.last == 9 { slice.removeLast() }
        return slice
    }
}

extension String {
    /// The first place of a text in this one.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
