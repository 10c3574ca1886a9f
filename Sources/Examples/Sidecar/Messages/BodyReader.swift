// Passes bodies on piece by piece, and finds where they end.

import Telemetry

/// Decodes the framing of a body as it arrives, and writes the body in the framing of the other side: nothing that the two sides could
/// interpret differently is handed on.
struct BodyReader {
    private enum State: Equatable {
        case fixed(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailers
        case untilClose
        case complete
    }

    private static let maximumChunkLine = 256
    private static let maximumExtensions = 16 * 1024
    private static let maximumTrailerBytes = 16 * 1024
    private static let maximumTrailers = 100

    private var state: State
    /// The names of trailers that are not handed on, besides those that no message may have.
    private let leftOut: [String]
    /// Whether the body is written in chunked coding.
    let isWrittenInChunks: Bool
    /// The bytes of the body so far, without its framing.
    private(set) var byteCount = 0
    private var extensionBytes = 0
    private var trailerBytes = 0
    private var trailerCount = 0

    /// - Parameters:
    ///   - isWrittenInChunks: true to write chunked coding; false to write the bytes of the body alone.
    ///   - leftOut: the names of trailers that are not handed on, as fields of the head with these names are not.
    init(_ framing: HTTPHead.BodyFraming, isWrittenInChunks: Bool, leavingOut leftOut: [String] = []) {
        (self.isWrittenInChunks, self.leftOut) = (isWrittenInChunks, leftOut)
        state =
            switch framing {
            case .length(0): .complete
            case .length(let length): .fixed(remaining: length)
            case .chunked: .chunkSize
            case .untilClose: .untilClose
            }
    }

    var isComplete: Bool { state == .complete }
    var endsWithConnection: Bool { state == .untilClose }

    /// Moves what has arrived of the body.
    mutating func move(_ input: inout InputBuffer, to output: inout [UInt8]) throws(HTTPParseError) {
        while !input.isEmpty {
            switch state {
            case .complete: return
            case .fixed(let remaining):
                let count = take(&input, atMost: remaining, to: &output)
                state = count == remaining ? .complete : .fixed(remaining: remaining - count)
                if state == .complete { writeEnd(to: &output) }
            case .untilClose: take(&input, atMost: .max, to: &output)
            case .chunk(let remaining):
                let count = take(&input, atMost: remaining, to: &output)
                state = count == remaining ? .chunkEnd : .chunk(remaining: remaining - count)
            case .chunkSize:
                guard
                    let size = try line(
                        &input, atMost: Self.maximumChunkLine, { (line) throws(HTTPParseError) in try Self.chunkSize(line) })
                else { return }
                extensionBytes += size.extensions
                guard extensionBytes <= Self.maximumExtensions else { throw .bad("the chunk extensions are too long") }
                state = size.size == 0 ? .trailers : .chunk(remaining: size.size)
                if size.size == 0, isWrittenInChunks { output.append(contentsOf: [UInt8(ascii: "0"), 13, 10]) }
            case .chunkEnd:
                let isEnd = try line(&input, atMost: 0) { (line) throws(HTTPParseError) in line.isEmpty }
                guard let isEnd else { return }
                guard isEnd else { throw .bad("a chunk is longer than its size says") }
                state = .chunkSize
            case .trailers:
                guard try moveTrailer(&input, to: &output) else { return }
            }
        }
    }

    /// Ends a body that lasts until the connection closes; throws if another one is not complete.
    mutating func end(to output: inout [UInt8]) throws(HTTPParseError) {
        if state == .untilClose {
            state = .complete
            writeEnd(to: &output)
        }
        guard isComplete else { throw .endedEarly }
    }

    private func writeEnd(to output: inout [UInt8]) {
        if isWrittenInChunks { output.append(contentsOf: [UInt8(ascii: "0"), 13, 10, 13, 10]) }
    }

    @discardableResult
    private mutating func take(_ input: inout InputBuffer, atMost limit: Int, to output: inout [UInt8]) -> Int {
        let count = min(limit, input.count)
        if isWrittenInChunks { output.append(contentsOf: Array("\(String(count, radix: 16))\r\n".utf8)) }
        input.withBytes { output.append(contentsOf: $0[..<count]) }
        if isWrittenInChunks { output.append(contentsOf: [13, 10]) }
        input.consume(count)
        byteCount += count
        return count
    }

    /// Moves one trailer, or the empty line behind the last one; returns false if its end has not arrived.
    private mutating func moveTrailer(_ input: inout InputBuffer, to output: inout [UInt8]) throws(HTTPParseError) -> Bool {
        guard
            let field = try line(
                &input, atMost: Self.maximumTrailerBytes - trailerBytes,
                { [leftOut] (line) throws(HTTPParseError) -> (isEnd: Bool, bytes: Int, kept: [UInt8]?) in
                    guard !line.isEmpty else { return (true, 0, nil) }
                    let (name, _) = try HTTPHead.field(line)
                    let text = String(decoding: name, as: UTF8.self)
                    let isForbidden = Self.isForbidden(trailer: text) || leftOut.contains { HTTPGrammar.isSame($0, text) }
                    return (false, line.count, isForbidden ? nil : Array(line))
                })
        else { return false }
        if field.isEnd {
            state = .complete
            if isWrittenInChunks { output.append(contentsOf: [13, 10]) }
            return true
        }
        trailerBytes += field.bytes
        trailerCount += 1
        guard trailerCount <= Self.maximumTrailers else { throw .headersTooLarge }
        if isWrittenInChunks, let kept = field.kept {
            output.append(contentsOf: kept)
            output.append(contentsOf: [13, 10])
        }
        return true
    }

    /// Returns whether a field must not come after a body, since it frames, routes or authenticates the message. (RFC 9110 §6.5.1.)
    private static func isForbidden(trailer name: String) -> Bool {
        ConnectionFields.isHopByHop(name) || ConnectionFields.tellsOrigin(name)
            || ["content-length", "host", "authorization", "cookie", "set-cookie", "content-encoding", "content-type", "content-range"]
                .contains { HTTPGrammar.isSame($0, name) }
    }

    /// Takes a line and parses it without its end; returns nil until it is complete.
    private func line<Result>(
        _ input: inout InputBuffer, atMost limit: Int, _ parse: (UnsafeBufferPointer<UInt8>) throws(HTTPParseError) -> Result
    ) throws(HTTPParseError) -> Result? {
        let found = try input.withBytes { bytes throws(HTTPParseError) -> (result: Result, count: Int)? in
            let feed = HeadReader.lineFeed(in: bytes, from: 0)
            guard (feed ?? bytes.count) <= limit + 1 else { throw .bad("a line of the chunked coding is too long") }
            guard let feed else { return nil }
            guard feed > 0, bytes[feed - 1] == 13 else { throw .bareLineFeed }
            return (try parse(UnsafeBufferPointer(rebasing: bytes[..<(feed - 1)])), feed + 1)
        }
        guard let found else { return nil }
        input.consume(found.count)
        return found.result
    }

    private static func chunkSize(_ line: UnsafeBufferPointer<UInt8>) throws(HTTPParseError) -> (size: Int, extensions: Int) {
        var size = 0
        var place = 0
        while place < line.count, let digit = Character(Unicode.Scalar(line[place])).hexDigitValue, line[place] < 0x80 {
            size = size &* 16 &+ digit
            place += 1
        }
        let rest = line[place...]
        guard (1...15).contains(place), rest.isEmpty || rest.drop(while: HTTPGrammar.isBlank).first == UInt8(ascii: ";"),
            rest.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 9 })
        else { throw .bad("a chunk has no valid size") }
        return (size, rest.count)
    }
}
