// The incremental parser of HTTP/1.1, for servers and clients.

/// A received message with its decoded body.
package struct HTTPMessage: Sendable {
    package var head: HTTPHead
    package var body: [UInt8]
}

/// Parses the messages of one connection incrementally; messages and errors do not depend on how the bytes are split.
///
/// It is strict wherever leniency would let two parties see different messages. (RFC 9112.)
package struct HTTPMessageReader {
    private enum State {
        case firstLine
        case fields
        case fixed(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailers
        case untilClose
    }

    private static let maximumChunkLine = 256
    private static let maximumExtensions = 16 * 1024
    private static let maximumInterimResponses = 32
    private static let maximumEmptyLines = 8

    private let isRequest: Bool
    private let limits: HTTPLimits
    private var state = State.firstLine
    private var failure: HTTPParseError?
    private var buffer: [UInt8] = []
    /// How much of the buffer has been consumed, and how far it has been searched for the end of a line.
    private var start = 0
    private var searched = 0
    private var head: HTTPHead?
    private var body: [UInt8] = []
    /// Counted against the limits: bytes and number of fields and trailers, bytes of chunk extensions, skipped lines and heads.
    private var fieldBytes = 0
    private var fieldCount = 0
    private var extensionBytes = 0
    private var skipped = 0
    /// Must be set before the response to a `HEAD` request is read, which has no body whatever its header fields are.
    package var answersHead = false

    init(requests limits: HTTPLimits) {
        isRequest = true
        self.limits = limits
    }

    package init(responses limits: HTTPLimits) {
        isRequest = false
        self.limits = limits
    }

    /// True if a message has begun and is not complete.
    package var isInsideMessage: Bool { head != nil || start < buffer.count }

    /// The approximate memory of the message in progress; zero between messages.
    var heldBytes: Int { buffer.capacity + body.capacity + (head?.heldBytes ?? 0) }

    /// True if the message in progress is a request whose response has no body.
    var isHeadRequest: Bool { head?.method == "HEAD" }

    /// The head of the message in progress, once its header fields have been read.
    package var headOfMessage: HTTPHead? { if case .fields = state { failure == nil ? nil : head } else { head } }

    /// True if the client waits for `100 Continue` before it sends the body.
    var expectsContinue: Bool {
        guard head?.minorVersion == 1, start == buffer.count, body.isEmpty else { return false }
        if case .fields = state { return false }
        return head?.headers.contains("100-continue", in: "Expect") ?? false
    }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        assert(start <= buffer.count && searched <= buffer.count, "The positions lie within the buffer.")
        var bytes = bytes
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: true)
            (start, searched) = (0, 0)
            bytes = UnsafeRawBufferPointer(rebasing: bytes[appendToBody(bytes)...])
        } else if start > buffer.count / 2 {
            buffer.removeFirst(start)
            (start, searched) = (0, max(0, searched - start))
        }
        buffer.append(contentsOf: bytes)
    }

    /// Appends bytes to the body without the buffer; returns how many.
    private mutating func appendToBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch state {
        case .fixed(let remaining):
            let count = min(remaining, bytes.count)
            reserveBody(count, atMost: remaining)
            body.append(contentsOf: bytes[..<count])
            state = .fixed(remaining: remaining - count)
            return count
        case .chunk(let remaining):
            let count = min(remaining, bytes.count)
            body.append(contentsOf: bytes[..<count])
            state = count == remaining ? .chunkEnd : .chunk(remaining: remaining - count)
            return count
        default: return 0
        }
    }

    /// Reserves memory for received bytes: a `Content-Length` alone takes none.
    private mutating func reserveBody(_ count: Int, atMost remaining: Int) {
        let needed = body.count + count
        guard needed > body.capacity else { return }
        body.reserveCapacity(min(body.count + remaining, max(needed, 2 * body.capacity)))
    }

    /// Returns the next complete message; nil until more bytes have arrived. Throws the same error again after an error.
    package mutating func next() throws(HTTPParseError) -> HTTPMessage? {
        if let failure { throw failure }
        do throws(HTTPParseError) {
            let message = try advance()
            // Most of thousands of connections are idle: an empty buffer is released.
            if start == buffer.count { (buffer, start, searched) = ([], 0, 0) }
            return message
        } catch {
            failure = error
            throw error
        }
    }

    /// Returns the message that the end of the connection completes; nil if there is none.
    package mutating func finish() throws(HTTPParseError) -> HTTPMessage? {
        if let failure { throw failure }
        if case .untilClose = state { return complete() }
        guard isInsideMessage else { return nil }
        throw .endedEarly
    }

    private mutating func advance() throws(HTTPParseError) -> HTTPMessage? {
        while true {
            switch state {
            case .firstLine:
                guard try readFirstLine() else { return nil }
            case .fields:
                guard try readFields() else { return nil }
            case .fixed(let remaining):
                reserveBody(min(remaining, buffer.count - start), atMost: remaining)
                let count = take(atMost: remaining)
                state = .fixed(remaining: remaining - count)
                return count == remaining ? complete() : nil
            case .chunkSize:
                guard let line = try takeLine(atMost: Self.maximumChunkLine, .bad("a line of the chunked coding is too long")) else {
                    return nil
                }
                let size = try chunkSize(buffer[line])
                state = size == 0 ? .trailers : .chunk(remaining: size)
            case .chunk(let remaining):
                let count = take(atMost: remaining)
                state = count == remaining ? .chunkEnd : .chunk(remaining: remaining - count)
                if count < remaining { return nil }
            case .chunkEnd:
                guard let line = try takeLine(atMost: 0, .bad("a chunk is longer than its size says")) else { return nil }
                assert(line.isEmpty, "A longer line is an error.")
                state = .chunkSize
            case .trailers:
                // Trailers are checked for form and dropped: they have no use here.
                guard let line = try takeFieldLine() else { return nil }
                if line.isEmpty { return complete() }
                _ = try parse(line) { bytes throws(HTTPParseError) in _ = try HTTPHead.field(bytes) }
            case .untilClose:
                guard buffer.count - start <= limits.body - body.count else { throw .bodyTooLarge }
                _ = take(atMost: .max)
                return nil
            }
        }
    }

    private mutating func complete() -> HTTPMessage? {
        assert(body.count <= limits.body, "A body keeps to its limit.")
        defer {
            (body, state) = ([], .firstLine)
            (fieldBytes, fieldCount, extensionBytes, skipped) = (0, 0, 0, 0)
        }
        // Moved out: copying a head counts a reference for each of its parts.
        return head.take().map { HTTPMessage(head: $0, body: body) }
    }

    private mutating func readFirstLine() throws(HTTPParseError) -> Bool {
        guard start < buffer.count else { return false }
        try checkFirstBytes()
        guard let line = try takeLine(atMost: limits.startLine, isRequest ? .startLineTooLong : .headersTooLarge) else { return false }
        if isRequest && line.isEmpty {
            // Empty lines before a request are skipped. (RFC 9112 §2.2.)
            skipped += 1
            guard skipped <= Self.maximumEmptyLines else { throw .bad("there are only empty lines") }
            return true
        }
        head = try parse(line) { [isRequest] bytes throws(HTTPParseError) in
            isRequest ? try HTTPHead(requestLine: bytes) : try HTTPHead(statusLine: bytes)
        }
        state = .fields
        return true
    }

    /// Detects another protocol by its first bytes, since it may never send a line.
    private func checkFirstBytes() throws(HTTPParseError) {
        if isRequest {
            let first = buffer[start]
            guard first == 13 || first == 10 || TokenCharacters.contains(first) else { throw .bad("the protocol is not HTTP") }
        } else if !zip(buffer[start...], "HTTP/".utf8).allSatisfy(==) {
            throw .foreignProtocol(firstByte: buffer[start])
        }
    }

    /// Reads header fields, and after the last one determines the framing of the body.
    private mutating func readFields() throws(HTTPParseError) -> Bool {
        while let line = try takeFieldLine() {
            guard line.isEmpty else {
                try buffer.withUnsafeBufferPointer { bytes throws(HTTPParseError) in
                    try head?.addField(UnsafeBufferPointer(rebasing: bytes[line]))
                }
                continue
            }
            if isRequest { try head?.checkHost() }
            try beginBody()
            return true
        }
        return false
    }

    private mutating func beginBody() throws(HTTPParseError) {
        fieldBytes = 0
        fieldCount = 0
        if !isRequest, let status = head?.status {
            if status < 200 && status != 101 {
                // The final response is still to come.
                skipped += 1
                guard skipped <= Self.maximumInterimResponses else { throw .bad("there are only interim responses") }
                head = nil
                return state = .firstLine
            }
            if answersHead || status == 101 || status == 204 || status == 304 { return state = .fixed(remaining: 0) }
        }
        switch try head?.bodyFraming(isRequest: isRequest) {
        case .length(let length):
            guard length <= limits.body else { throw .bodyTooLarge }
            state = .fixed(remaining: length)
        case .chunked: state = .chunkSize
        case .untilClose: state = .untilClose
        case nil: break
        }
    }

    /// Moves bytes to the body; returns how many.
    private mutating func take(atMost limit: Int) -> Int {
        let count = min(limit, buffer.count - start)
        body += buffer[start..<start + count]
        start += count
        return count
    }

    private mutating func takeFieldLine() throws(HTTPParseError) -> Range<Int>? {
        guard let line = try takeLine(atMost: limits.headerBytes - fieldBytes, .headersTooLarge) else { return nil }
        guard !line.isEmpty else { return line }
        fieldBytes += line.count
        fieldCount += 1
        guard fieldCount <= limits.headerCount else { throw .headersTooLarge }
        return line
    }

    /// Returns where a line lies, without its end; nil until it is complete. Whether it is too long does not depend on how it was split.
    private mutating func takeLine(atMost limit: Int, _ tooLong: HTTPParseError) throws(HTTPParseError) -> Range<Int>? {
        let begin = max(start, searched)
        let feed = buffer.withUnsafeBufferPointer { $0.firstIndex(of: 10, from: begin) }
        searched = feed.map { $0 + 1 } ?? buffer.count
        guard (feed ?? buffer.count) - start <= limit + 1 else { throw tooLong }
        guard let feed else { return nil }
        guard feed > start, buffer[feed - 1] == 13 else { throw .bareLineFeed }
        let line = start..<feed - 1
        let carriageReturn = buffer.withUnsafeBufferPointer { $0.firstIndex(of: 13, from: line.lowerBound) }
        guard carriageReturn == feed - 1 else { throw .bareCarriageReturn }
        start = feed + 1
        return line
    }

    /// Parses the bytes of a line in place.
    private func parse<Result>(
        _ line: Range<Int>, _ parse: (UnsafeBufferPointer<UInt8>) throws(HTTPParseError) -> Result
    ) throws(HTTPParseError) -> Result {
        try buffer.withUnsafeBufferPointer { bytes throws(HTTPParseError) in try parse(UnsafeBufferPointer(rebasing: bytes[line])) }
    }

    /// Returns the size at the beginning of a chunk line; extensions after it are ignored.
    private mutating func chunkSize(_ line: ArraySlice<UInt8>) throws(HTTPParseError) -> Int {
        var size = 0
        let digits = line.prefix { Character(Unicode.Scalar($0)).isHexDigit }
        for digit in digits { size = size &* 16 &+ (Character(Unicode.Scalar(digit)).hexDigitValue ?? 0) }
        let rest = line.dropFirst(digits.count)
        guard (1...15).contains(digits.count), rest.isEmpty || rest.drop(while: HTTPGrammar.isBlank).first == UInt8(ascii: ";"),
            HTTPGrammar.isFieldValue(rest)
        else { throw .bad("a chunk has no valid size") }
        extensionBytes += rest.count
        guard extensionBytes <= Self.maximumExtensions else { throw .bad("the chunk extensions are too long") }
        guard size <= limits.body - body.count else { throw .bodyTooLarge }
        return size
    }
}
