// The decoder of Redis's protocol, by the examples of its specification.

import Testing

@testable import ExampleSupport

struct RESPReaderTests {
    private func values(_ text: String, pieces: Int = .max) throws -> [RESPValue] {
        var reader = RESPReader(maximumBytes: 1 << 20)
        var found: [RESPValue] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: min(pieces, bytes.count)) {
            Array(bytes[start..<min(bytes.count, start + min(pieces, bytes.count))]).withUnsafeBytes { reader.append($0) }
            while let value = try reader.next() { found.append(value) }
        }
        return found
    }

    private static let all: [(String, RESPValue)] = [
        ("+OK\r\n", .text("OK")), ("-ERR unknown command 'asdf'\r\n", .error("ERR unknown command 'asdf'")), (":-7\r\n", .integer(-7)),
        ("$5\r\nhello\r\n", .bytes(Array("hello".utf8))), ("$0\r\n\r\n", .bytes([])), ("$-1\r\n", .null), ("*-1\r\n", .null),
        ("_\r\n", .null),
        ("#t\r\n", .boolean(true)), ("#f\r\n", .boolean(false)), (",1.23\r\n", .number(1.23)), (",inf\r\n", .number(.infinity)),
        ("(3492890328409238509324850943850943825024385\r\n", .bigNumber("3492890328409238509324850943850943825024385")),
        ("!21\r\nSYNTAX invalid syntax\r\n", .error("SYNTAX invalid syntax")), ("=15\r\ntxt:Some string\r\n", .text("Some string")),
        ("*3\r\n:1\r\n$1\r\na\r\n*0\r\n", .array([.integer(1), .bytes([0x61]), .array([])])),
        ("%2\r\n+first\r\n:1\r\n+second\r\n:2\r\n", .map([.text("first"), .integer(1), .text("second"), .integer(2)])),
        ("~2\r\n:1\r\n#t\r\n", .set([.integer(1), .boolean(true)])), (">2\r\n+message\r\n+x\r\n", .push([.text("message"), .text("x")])),
        ("|1\r\n+ttl\r\n:3600\r\n*1\r\n:2039123\r\n", .array([.integer(2_039_123)])),
    ]

    @Test func everyTypeIsRead() throws {
        for (text, value) in Self.all { #expect(try values(text) == [value], "\(text)") }
    }

    @Test(arguments: [1, 2, 3, 7]) func valuesAreReadFromPiecesOfAnySize(pieces: Int) throws {
        let text = Self.all.map(\.0).joined()
        #expect(try values(text, pieces: pieces) == Self.all.map(\.1))
    }

    @Test(arguments: [
        "x\r\n", "\r\n", ":a\r\n", "#x\r\n", "$3\r\nabcde\r\n", "$-2\r\n", "*-2\r\n", ",x\r\n", "+a\rb\r\n", "$99999999999\r\n",
        "*2000000\r\n",
    ])
    func whatIsNotTheProtocolIsAnError(text: String) {
        #expect(throws: RESPReader.Violation.self) { try values(text) }
    }

    @Test func depthAndSizeAreBounded() {
        #expect(throws: RESPReader.Violation.self) { try values(String(repeating: "*1\r\n", count: 100)) }
        #expect(throws: RESPReader.Violation.self) { try values("+" + String(repeating: "x", count: 2 << 20)) }
    }

    /// What is read must not depend on the pieces in which it comes, and must end in values or an error whatever it is.
    @Test func randomChangesOfTheProtocolAreReadAlikeInAnyPieces() {
        var random = SplitMix64(seed: 7)
        let alphabet = Array("+-:$*_#,(!=%~>|\r\n0123456789ab".utf8)
        let valid = Self.all.map { Array($0.0.utf8) }
        var (whole, errors) = (0, 0)
        for _ in 0..<5000 {
            var bytes = (0..<Int.random(in: 1...6, using: &random)).flatMap { _ in valid.randomElement(using: &random) ?? [] }
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: bytes.indices, using: &random)
                let byte = alphabet.randomElement(using: &random) ?? 0
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes[place] = byte
                case 1: bytes.insert(byte, at: place)
                default: bytes.remove(at: place)
                }
            }
            let once = Self.outcome(bytes, pieces: bytes.count)
            if once.isRefused { errors += 1 } else { whole += 1 }
            let pieces = Int.random(in: 1...5, using: &random)
            #expect(Self.outcome(bytes, pieces: pieces) == once, "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
        #expect(whole > 500 && errors > 500, "Both ends are tried.")
    }

    private struct Outcome: Equatable {
        var values: [RESPValue] = []
        var isRefused = false
    }

    private static func outcome(_ bytes: [UInt8], pieces: Int) -> Outcome {
        var (reader, outcome) = (RESPReader(maximumBytes: 4096), Outcome())
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes { reader.append($0) }
            do throws(RESPReader.Violation) { while let value = try reader.next() { outcome.values.append(value) } } catch {
                outcome.isRefused = true
                return outcome
            }
        }
        return outcome
    }
}
