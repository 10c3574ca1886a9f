// Reads HTTP/1.1 messages from bytes as they come.

/// A message as it stood on the wire, its body whole and decoded.
struct HTTPMessage {
    var head: HTTPHead
    var body: [UInt8]
}

/// Reads the messages of one connection from bytes as they come; whatever the pieces, the messages are the same.
///
/// Strict wherever leniency would let two parties see different messages. (RFC 9112.)
struct HTTPMessageReader {
    private enum State {
        case head
        case fixed(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailers(count: Int)
        case untilClose
    }

    private let isRequest: Bool
    private let limits: HTTPLimits
    private var state = State.head
    private var buffer: [UInt8] = []
    /// What of the buffer has been used, and how far it has been searched for the end of a head.
    private var start = 0
    private var searched = 0
    private var head: HTTPHead?
    private var body: [UInt8] = []
    /// Set before the response to a `HEAD` request is read: it has no body whatever its header says.
    var answersHead = false

    init(requests limits: HTTPLimits) {
        isRequest = true
        self.limits = limits
    }

    init(responses limits: HTTPLimits) {
        isRequest = false
        self.limits = limits
    }

    /// Whether a message has begun and is not complete.
    var isInsideMessage: Bool { head != nil || start < buffer.count }

    /// Whether the head of a message is read and its body is not complete.
    var isInsideBody: Bool { head != nil }

    /// Whether the client waits for leave to send the body.
    var expectsContinue: Bool {
        guard let head, head.minorVersion == 1, start == buffer.count else { return false }
        return head.headers.contains("100-continue", in: "Expect")
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 16)
            (start, searched) = (0, 0)
        } else if start > 1 << 16 {
            buffer.removeFirst(start)
            (start, searched) = (0, max(0, searched - start))
        }
        buffer.append(contentsOf: bytes)
    }

    /// The next complete message, or nil until more bytes have come.
    mutating func next() throws(HTTPParseError) -> HTTPMessage? {
        while true {
            switch state {
            case .head:
                guard try readHead() else { return nil }
            case .fixed(let remaining):
                let count = take(atMost: remaining)
                guard count == remaining else {
                    state = .fixed(remaining: remaining - count)
                    return nil
                }
                return complete()
            case .chunkSize:
                guard let line = try takeLine(atMost: 256) else { return nil }
                let size = try chunkSize(line)
                state = size == 0 ? .trailers(count: 0) : .chunk(remaining: size)
            case .chunk(let remaining):
                let count = take(atMost: remaining)
                state = count == remaining ? .chunkEnd : .chunk(remaining: remaining - count)
                if count < remaining { return nil }
            case .chunkEnd:
                guard let line = try takeLine(atMost: 2) else { return nil }
                guard line.isEmpty else { throw .bad("a chunk is longer than its size says") }
                state = .chunkSize
            case .trailers(let count):
                guard let line = try takeLine(atMost: limits.startLine) else { return nil }
                if line.isEmpty { return complete() }
                guard count < limits.headerCount else { throw .headersTooLarge }
                state = .trailers(count: count + 1)
            case .untilClose:
                _ = take(atMost: .max)
                guard body.count <= limits.body else { throw .bodyTooLarge }
                return nil
            }
        }
    }

    /// The message that the end of the connection completes; nil when there is none.
    mutating func finish() throws(HTTPParseError) -> HTTPMessage? {
        if case .untilClose = state { return complete() }
        guard isInsideMessage else { return nil }
        throw .endedEarly
    }

    private mutating func complete() -> HTTPMessage? {
        defer {
            head = nil
            body = []
            state = .head
            searched = start
        }
        return head.map { HTTPMessage(head: $0, body: body) }
    }

    /// Reads a head once it is there whole, and finds out how long the body is.
    private mutating func readHead() throws(HTTPParseError) -> Bool {
        // Empty lines before a request are passed over, as a lenient receiver should.
        while isRequest, start + 1 < buffer.count, buffer[start] == 13, buffer[start + 1] == 10 { start += 2 }
        guard let end = try headEnd() else { return false }
        let head = try HTTPHead(Array(buffer[start..<end]), isRequest: isRequest, limits: limits)
        start = end
        if !isRequest && (100..<200).contains(head.status) && head.status != 101 {
            searched = start
            return true
        }
        self.head = head
        state = try bodyState(head)
        return true
    }

    /// Where the head ends, after its empty line.
    private mutating func headEnd() throws(HTTPParseError) -> Int? {
        searched = max(searched, start)
        let end = buffer.withUnsafeBufferPointer { bytes -> Int? in
            var position = max(searched, start + 3)
            while position < bytes.count {
                if bytes[position] == 10, bytes[position - 1] == 13, bytes[position - 2] == 10, bytes[position - 3] == 13 {
                    return position + 1
                }
                position += 1
            }
            return nil
        }
        if let end {
            guard end - start <= limits.headerBytes + limits.startLine else { throw .headersTooLarge }
            return end
        }
        searched = max(start, buffer.count - 3)
        let line = buffer[start...].prefix(limits.startLine + 1)
        // A line break that is not CR LF will never end the head.
        if let feed = line.firstIndex(of: 10), feed == start || buffer[feed - 1] != 13 { throw .bad("a line ends without CR") }
        if line.count > limits.startLine, !line.contains(10) { throw isRequest ? .startLineTooLong : .headersTooLarge }
        if buffer.count - start > limits.headerBytes + limits.startLine { throw .headersTooLarge }
        return nil
    }

    private func bodyState(_ head: HTTPHead) throws(HTTPParseError) -> State {
        if !isRequest && (answersHead || head.status == 204 || head.status == 304 || head.status < 200) { return .fixed(remaining: 0) }
        let lengths = head.headers.values(named: "Content-Length")
        let codings = head.headers.values(named: "Transfer-Encoding")
        if !codings.isEmpty {
            guard lengths.isEmpty else { throw .bad("both Content-Length and Transfer-Encoding are given") }
            guard head.minorVersion == 1 else { throw .bad("HTTP/1.0 has no Transfer-Encoding") }
            guard codings.count == 1, codings[0].lowercased() == "chunked" else {
                throw HTTPParseError(status: 501, description: "only the transfer coding chunked is known")
            }
            return .chunkSize
        }
        guard let first = lengths.first else { return isRequest ? .fixed(remaining: 0) : .untilClose }
        guard lengths.allSatisfy({ $0 == first }), lengths.count == 1 || isRequest == false, !first.isEmpty,
            first.utf8.allSatisfy({ (48...57).contains($0) })
        else { throw .bad("Content-Length is not one number") }
        guard let length = Int(first), length <= limits.body else { throw .bodyTooLarge }
        return .fixed(remaining: length)
    }

    /// Moves bytes to the body; returns how many.
    private mutating func take(atMost limit: Int) -> Int {
        let count = min(limit, buffer.count - start)
        body += buffer[start..<start + count]
        start += count
        return count
    }

    /// A line without its end, or nil until it is there whole.
    private mutating func takeLine(atMost limit: Int) throws(HTTPParseError) -> ArraySlice<UInt8>? {
        let window = buffer[start...].prefix(limit + 2)
        guard let feed = window.firstIndex(of: 10) else {
            if window.count > limit + 1 { throw .bad("a line of the chunked coding is too long") }
            return nil
        }
        guard feed > start, buffer[feed - 1] == 13 else { throw .bad("a line ends without CR") }
        let line = buffer[start..<feed - 1]
        guard !line.contains(13) else { throw .bad("a line holds a CR") }
        start = feed + 1
        return line
    }

    /// The size at the beginning of a chunk line; extensions after it are passed over.
    private func chunkSize(_ line: ArraySlice<UInt8>) throws(HTTPParseError) -> Int {
        let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 32 && $0 != 9 }
        let rest = line.dropFirst(digits.count).drop { $0 == 32 || $0 == 9 }
        guard (1...15).contains(digits.count), rest.isEmpty || rest.first == UInt8(ascii: ";"), HTTPGrammar.isFieldValue(rest),
            let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), digits.first != UInt8(ascii: "+"),
            digits.first != UInt8(ascii: "-")
        else { throw .bad("a chunk has no valid size") }
        guard size <= limits.body - body.count else { throw .bodyTooLarge }
        return size
    }
}
