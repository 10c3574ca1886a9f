// The parser of messages: framing, limits, errors and their statuses, and bytes split in every place.

import Testing

@testable import Telemetry

struct HTTPMessageReaderTests {
    private static let head = "POST / HTTP/1.1\r\nHost: a\r\n"

    @Test func requestIsParsed() {
        let outcome = ReadingOutcome(
            "PUT /albums/1?x=%20 HTTP/1.1\r\nHost: a\r\nX-Y:  b c \t\r\nContent-Length: 3\r\n\r\nabc", isRequest: true)
        #expect(outcome.messages == ["PUT /albums/1?x=%20 0 1.1 Host=a|X-Y=b c|Content-Length=3"])
        #expect(outcome.texts == ["abc"])
        #expect(outcome.error == nil)
    }

    @Test func pipelinedRequestsAreReadInOrder() {
        let outcome = ReadingOutcome(MessageSamples.requests[2] + MessageSamples.requests[1], isRequest: true)
        #expect(outcome.messages.count == 4)
        #expect(outcome.texts == ["hello", "", "", ""])
    }

    @Test func chunksAreJoinedWithoutExtensionsAndTrailers() {
        let outcome = ReadingOutcome(MessageSamples.requests[3], isRequest: true)
        #expect(outcome.texts == ["hello0123456789"])
        #expect(outcome.messages == ["POST /c 0 1.1 Host=a|Transfer-Encoding=Chunked"])
        #expect(ReadingOutcome(MessageSamples.responses[3], isRequest: false).texts == ["xyz"])
    }

    @Test func absoluteFormTargetOverridesHostField() {
        let outcome = ReadingOutcome(
            "GET http://b:81/x?y HTTP/1.1\r\nHost: a\r\n\r\nGET http://b?z HTTP/1.1\r\nHost: a\r\n\r\n", isRequest: true)
        #expect(outcome.messages == ["GET /x?y 0 1.1 Host=b:81", "GET /?z 0 1.1 Host=b"])
    }

    @Test(arguments: [
        "Content-Length: 1\r\nContent-Length: 2", "Content-Length: 1\r\nContent-Length: 1", "Content-Length: 1, 1", "Content-Length: +1",
        "Content-Length: -1", "Content-Length: 1 1", "Content-Length: 0x1", "Content-Length:",
        "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 1", "Host: b", "X-Name : 1", " folded: 1", "X-Name: a\r\n folded", "Name", ": value",
        "X-Näme: 1", "X: a\u{0}b", "X: a\u{1}b", "X: a\rb", "X: a\nY: b",
    ])
    func ambiguousFieldIsBadRequest(field: String) {
        #expect(ReadingOutcome(Self.head + field + "\r\n\r\n1", isRequest: true).error?.status == 400)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/1.1\nHost: a\n\n", 400), ("GET /\r\n\r\n", 400),
        ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / a HTTP/1.1\r\nHost: a\r\n\r\n", 400), ("G{T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / http/1.1\r\nHost: a\r\n\r\n", 400), ("GET / HTTP/11\r\nHost: a\r\n\r\n", 400), ("GET /\t HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400), ("\u{16}\u{3}\u{1}", 400),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505), ("GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505), ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chun\u{212A}ed\r\n\r\n0\r\n\r\n", 501),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8388609\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n", 413),
        ("GET / HTTP/1.1\r\nHo", 400), ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n1", 400),
    ])
    func malformedRequestHasMatchingStatus(text: String, status: Int) {
        let outcome = ReadingOutcome(text, isRequest: true)
        #expect(outcome.messages.isEmpty)
        #expect(outcome.error?.status == status)
    }

    @Test(arguments: [
        ("\r\n", 400), ("g\r\n", 400), ("+1\r\nx\r\n", 400), ("1 \r\nx\r\n", 400), ("1 x\r\nx\r\n", 400), (" 1\r\nx\r\n", 400),
        ("1\nx\r\n", 400),
        ("1\r\nxy\r\n", 400), ("1\r\nx\n", 400), ("0x1\r\nx\r\n", 400), ("1000000000000000\r\n", 400), ("ffffffffffffff\r\n", 413),
        ("800001\r\n", 413), ("1;\u{1}\r\nx\r\n", 400), ("0\r\nno trailer\r\n\r\n", 400), ("0\r\nA : b\r\n\r\n", 400), ("1\r\nx\r\n", 400),
    ])
    func malformedChunksAreRefused(chunks: String, status: Int) {
        let outcome = ReadingOutcome(Self.head + "Transfer-Encoding: chunked\r\n\r\n" + chunks, isRequest: true)
        #expect(outcome.messages.isEmpty)
        #expect(outcome.error?.status == status)
    }

    @Test func linesFieldsChunksAndBodiesAreLimited() {
        func status(_ text: String) -> Int? { ReadingOutcome(text, isRequest: true).error?.status }
        func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
        let start = "GET / HTTP/1.1\r\nHost: a\r\n"
        #expect(status("GET /\(repeated("a", 8192)) HTTP/1.1\r\nHost: a\r\n\r\n") == 414)
        #expect(status("GET /\(repeated("a", 8192 - 14)) HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
        #expect(status(start + "X: \(repeated("a", 32 * 1024))\r\n\r\n") == 431)
        #expect(status(start + repeated("X: 1\r\n", 100) + "\r\n") == 431)
        #expect(status(start + repeated("X: 1\r\n", 99) + "\r\n") == nil)
        let chunked = Self.head + "Transfer-Encoding: chunked\r\n\r\n"
        #expect(status(chunked + "1;\(repeated("a", 256))\r\nx\r\n0\r\n\r\n") == 400)
        #expect(status(chunked + repeated("1;\(repeated("a", 200))\r\nx\r\n", 100) + "0\r\n\r\n") == 400)
        #expect(status(chunked + "0\r\n" + repeated("X: 1\r\n", 101) + "\r\n") == 431)
        #expect(status(repeated("\r\n", 9) + start + "\r\n") == 400)
        var limits = HTTPLimits()
        limits.body = 4
        #expect(ReadingOutcome(chunked + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", isRequest: true, limits: limits).error == .bodyTooLarge)
        #expect(ReadingOutcome("HTTP/1.1 200 OK\r\n\r\n12345", isRequest: false, limits: limits).error == .bodyTooLarge)
        #expect(ReadingOutcome("HTTP/1.1 200 OK\r\n\r\n1234", isRequest: false, limits: limits).texts == ["1234"])
    }

    @Test func endlessLineIsRefusedAtLimit() throws {
        var reader = HTTPMessageReader(requests: HTTPLimits())
        var fed = 0
        let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
        #expect(throws: HTTPParseError.startLineTooLong) {
            while fed < 1 << 20 {
                piece.withUnsafeBytes { reader.append($0) }
                fed += piece.count
                _ = try reader.next()
            }
        }
        #expect(fed <= 10_000)
    }

    @Test func responsesEndAsFramed() {
        #expect(ReadingOutcome(MessageSamples.responses[0], isRequest: false).texts == ["ok", "", ""])
        #expect(ReadingOutcome(MessageSamples.responses[1], isRequest: false).texts == ["x"])
        #expect(ReadingOutcome(MessageSamples.responses[2], isRequest: false).texts == ["everything until the end"])
        let head = ReadingOutcome("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", isRequest: false, answersHead: true)
        #expect(head.texts == [""])
        #expect(ReadingOutcome(MessageSamples.responses[4], isRequest: false).error == .endedEarly)
        let interim = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 40)
        #expect(ReadingOutcome(interim, isRequest: false).error?.status == 400)
    }

    @Test func statusBelow200ExceptFor101IsInterim() throws {
        let final = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
        for status in 100..<200 {
            let texts = ReadingOutcome("HTTP/1.1 \(status) Status\r\nX: 1\r\n\r\n" + final, isRequest: false).texts
            // After 101 the connection belongs to another protocol: that response is whole, and has no body.
            #expect(texts == (status == 101 ? ["", "x"] : ["x"]), "\(status)")
        }
        #expect(ReadingOutcome("HTTP/1.1 200 OK\r\n\r\nbody", isRequest: false).texts == ["body"])
        for status in [204, 304] {
            #expect(ReadingOutcome("HTTP/1.1 \(status) Status\r\n\r\n" + final, isRequest: false).texts == ["", "x"])
        }
        for status in [205, 303, 305] {
            #expect(ReadingOutcome("HTTP/1.1 \(status) Status\r\n\r\nbody", isRequest: false).texts == ["body"])
        }
    }

    @Test func trailersAreLimitedSeparately() {
        var limits = HTTPLimits()
        (limits.headerCount, limits.headerBytes) = (3, 40)
        // Three header fields of 36 bytes, and three trailers of 40.
        let start = "POST / HTTP/1.1\r\nHost: a\r\nX: 1\r\nTransfer-Encoding:chunked\r\n\r\n1\r\nx\r\n0\r\n"
        func texts(_ trailers: String) -> [String] { ReadingOutcome(start + trailers + "\r\n", isRequest: true, limits: limits).texts }
        let filling = "X: " + String(repeating: "a", count: 29)
        #expect(texts("A: 1\r\nB: 1\r\n\(filling)\r\n") == ["x"])
        #expect(texts("A: 1\r\nB: 1\r\n\(filling)a\r\n").isEmpty)
        #expect(texts("A: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n").isEmpty)
    }

    @Test func connectionEndAfterInterimResponseIsNoError() {
        let outcome = ReadingOutcome("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", isRequest: false)
        #expect(outcome.messages.isEmpty && outcome.error == nil)
    }

    @Test func interimResponsesUpToLimitAreSkipped() {
        let interim = "HTTP/1.1 102 Processing\r\n\r\n"
        let final = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
        #expect(ReadingOutcome(String(repeating: interim, count: 32) + final, isRequest: false).texts == ["x"])
        #expect(ReadingOutcome(String(repeating: interim, count: 33) + final, isRequest: false).error?.status == 400)
    }

    @Test(arguments: ["HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 099 OK", "HTTP/1.1  200", "HTTP/1.1", "HTTP/1.1 +20 OK", "HTTPS"])
    func malformedStatusLineIsRefused(line: String) {
        #expect(ReadingOutcome(line + "\r\nContent-Length: 0\r\n\r\n", isRequest: false).error?.status == 400)
    }

    @Test func foreignProtocolIsReportedAtFirstByte() {
        let settings: [UInt8] = [0, 0, 18, 4, 0, 0, 0, 0, 0]
        #expect(ReadingOutcome(settings, isRequest: false).error?.description.contains("gRPC port?") == true)
        #expect(ReadingOutcome([0x15, 3, 3, 0, 2, 2, 70], isRequest: false).error?.description.contains("TLS") == true)
        #expect(ReadingOutcome("SSH-2.0", isRequest: false).error?.description.contains("not those of HTTP") == true)
    }

    @Test func expect100ContinueIsDetected() throws {
        var reader = HTTPMessageReader(requests: HTTPLimits())
        func feed(_ text: String) throws -> HTTPMessage? {
            Array(text.utf8).withUnsafeBytes { reader.append($0) }
            return try reader.next()
        }
        let begun = try feed("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n")
        #expect(begun?.body == nil)
        #expect(!reader.expectsContinue)
        let waiting = try feed("\r\n")
        #expect(waiting?.body == nil)
        #expect(reader.expectsContinue)
        let message = try feed("ab")
        #expect(message?.body == [97, 98])
        #expect(!reader.expectsContinue)
    }
}

struct HTTPMessagePiecesTests {
    @Test(arguments: MessageSamples.requests)
    func requestParsesEquallyForEveryCut(text: String) { check(text, isRequest: true) }

    @Test(arguments: MessageSamples.responses)
    func responseParsesEquallyForEveryCut(text: String) { check(text, isRequest: false) }

    private func check(_ text: String, isRequest: Bool) {
        let bytes = Array(text.utf8)
        let whole = ReadingOutcome(bytes, isRequest: isRequest)
        for cut in 0...bytes.count { #expect(ReadingOutcome(bytes, isRequest: isRequest, cuts: [cut]) == whole, "cut at \(cut)") }
        #expect(ReadingOutcome(bytes, isRequest: isRequest, cuts: Array(0..<bytes.count)) == whole)
    }

    @Test(arguments: [true, false])
    func randomMessagesNeverTrapAndKeepLimits(isRequest: Bool) {
        let samples = (isRequest ? MessageSamples.requests : MessageSamples.responses).map { Array($0.utf8) }
        let scraps = [
            "\r\n", "\n", "\r", " ", ":", "0", "Content-Length: 1", "Transfer-Encoding: chunked", "HTTP/1.1", ";", "ffffffff", "\0", ",",
        ]
        .map { Array($0.utf8) }
        var random = SplitMix64(seed: isRequest ? 0x5EED : 0xFEED)
        var limits = HTTPLimits()
        (limits.startLine, limits.headerBytes, limits.headerCount, limits.body) = (64, 96, 4, 24)
        for round in 0..<50_000 {
            var bytes = samples[Int.random(in: 0..<samples.count, using: &random)]
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                let place = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 0..<8, using: &random)))
                case 2: bytes.insert(contentsOf: scraps[Int.random(in: 0..<scraps.count, using: &random)], at: place)
                default: if place < bytes.count { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
                }
            }
            let whole = ReadingOutcome(bytes, isRequest: isRequest, limits: limits)
            if whole.bodies.contains(where: { $0.count > 24 }) { Issue.record("round \(round): a body is larger than its limit") }
            guard round % 8 == 0, bytes.count > 1 else { continue }
            let cuts = (0..<3).map { _ in Int.random(in: 0..<bytes.count, using: &random) }.sorted()
            if ReadingOutcome(bytes, isRequest: isRequest, limits: limits, cuts: cuts) != whole {
                Issue.record(
                    "round \(round): the pieces of \(String(decoding: bytes, as: UTF8.self).debugDescription) make a difference at \(cuts)")
            }
        }
    }

    @Test(arguments: ["Content-Length: 200000\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n30d40\r\n"])
    func heldBytesCoverMessageInProgressOnly(framing: String) throws {
        var reader = HTTPMessageReader(requests: HTTPLimits())
        #expect(reader.heldBytes == 0)
        func append(_ text: String) { Array(text.utf8).withUnsafeBytes { reader.append($0) } }
        append("POST / HTTP/1.1\r\nHost: a\r\n" + framing)
        #expect(try reader.next() == nil)
        #expect(reader.heldBytes < 1000)
        for _ in 0..<19 {
            append(String(repeating: "a", count: 10_000))
            #expect(try reader.next() == nil)
        }
        #expect((190_000...400_000).contains(reader.heldBytes))
        append(String(repeating: "a", count: 10_000) + (framing.hasPrefix("T") ? "\r\n0\r\n\r\n" : ""))
        let message = try #require(try reader.next())
        #expect(message.body.count == 200_000 && message.body.allSatisfy { $0 == UInt8(ascii: "a") })
        #expect(reader.heldBytes == 0)
    }
}
