// Reads the heads of messages incrementally.

import Glibc
import Telemetry

/// Finds the end of a head among received bytes and parses it; strict wherever leniency would let two parties see different messages.
struct HeadReader {
    static let maximumBytes = 40 * 1024
    private static let maximumLine = 8 * 1024
    private static let maximumFields = 100
    private static let maximumEmptyLines = 8

    private let isRequest: Bool
    /// How many bytes have been searched for the end of a line, and where the line begins that they are in.
    private var searched = 0
    private var lineStart = 0
    private var emptyLines = 0

    init(isRequest: Bool) {
        self.isRequest = isRequest
    }

    /// Takes the next head; nil until it is complete.
    ///
    /// - Returns: the head, and the reason phrase of a response where it is not the usual one.
    mutating func next(_ input: inout InputBuffer) throws(HTTPParseError) -> (head: HTTPHead, reason: String?)? {
        guard !input.isEmpty else { return nil }
        guard let end = try find(&input) else {
            guard input.count <= Self.maximumBytes else { throw .headersTooLarge }
            return nil
        }
        let result = try input.withBytes { bytes throws(HTTPParseError) in try parse(UnsafeBufferPointer(rebasing: bytes[..<end])) }
        input.consume(end)
        (searched, lineStart, emptyLines) = (0, 0, 0)
        return result
    }

    /// Returns where the head ends; nil if its end has not arrived.
    private mutating func find(_ input: inout InputBuffer) throws(HTTPParseError) -> Int? {
        while true {
            let position: (feed: Int?, isEmptyLine: Bool) = try input.withBytes { bytes throws(HTTPParseError) in
                if lineStart == 0 { try checkFirstByte(bytes) }
                guard let feed = Self.lineFeed(in: bytes, from: searched) else {
                    if lineStart == 0, bytes.count > Self.maximumLine { throw isRequest ? .startLineTooLong : .headersTooLarge }
                    return (nil, false)
                }
                guard feed > lineStart, bytes[feed - 1] == 13 else { throw .bareLineFeed }
                return (feed, feed == lineStart + 1)
            }
            guard let feed = position.feed else {
                searched = input.count
                return nil
            }
            searched = feed + 1
            if lineStart == 0, position.isEmptyLine, isRequest {
                // Empty lines before a request are skipped. (RFC 9112 §2.2.)
                emptyLines += 1
                guard emptyLines <= Self.maximumEmptyLines else { throw .bad("there are only empty lines") }
                input.consume(feed + 1)
                (searched, lineStart) = (0, 0)
                if input.isEmpty { return nil }
                continue
            }
            lineStart = searched
            guard searched <= Self.maximumBytes else { throw .headersTooLarge }
            if position.isEmptyLine { return searched }
        }
    }

    static func lineFeed(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress, let found = memchr(base + start, 10, bytes.count - start) else {
            return nil
        }
        return UnsafeRawPointer(base).distance(to: found)
    }

    /// Detects another protocol by its first byte, since it may never send a line.
    private func checkFirstByte(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPParseError) {
        guard let first = bytes.first else { return }
        let isLetter = (first | 0x20) >= UInt8(ascii: "a") && (first | 0x20) <= UInt8(ascii: "z")
        let isValid =
            isRequest ? isLetter || first == 13 || first == 10 || HTTPGrammar.isToken(CollectionOfOne(first)) : first == UInt8(ascii: "H")
        guard isValid else { throw .bad(first == 0x16 ? "this is TLS, and no TLS is spoken here" : "the protocol is not HTTP") }
    }

    /// Parses the lines of a head, of which each ends with CR LF and the last one is empty.
    private func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPParseError) -> (head: HTTPHead, reason: String?) {
        var start = 0
        guard let first = Self.lineFeed(in: bytes, from: 0) else { throw .endedEarly }
        let line = UnsafeBufferPointer(rebasing: bytes[..<(first - 1)])
        guard line.count <= Self.maximumLine else { throw isRequest ? .startLineTooLong : .headersTooLarge }
        var head = try isRequest ? HTTPHead(requestLine: line) : HTTPHead(statusLine: line)
        start = first + 1
        var fields = 0
        while let feed = Self.lineFeed(in: bytes, from: start), feed > start + 1 {
            fields += 1
            guard fields <= Self.maximumFields else { throw .headersTooLarge }
            try head.addField(UnsafeBufferPointer(rebasing: bytes[start..<(feed - 1)]))
            start = feed + 1
        }
        if isRequest { try head.checkHost() }
        return (head, isRequest ? nil : Self.unusualReason(line, head.status))
    }

    /// Returns the reason phrase of a status line where it is another one than the sidecar would write.
    private static func unusualReason(_ line: UnsafeBufferPointer<UInt8>, _ status: Int) -> String? {
        let reason = line.dropFirst(13)
        guard !reason.elementsEqual(HTTPReason.phrase(status).utf8) else { return nil }
        let isText = reason.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 9 }
        return isText ? String(decoding: reason, as: UTF8.self) : nil
    }
}
