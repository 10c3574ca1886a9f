// Identifiers, span contexts and hexadecimal digits.

import Testing

@testable import Telemetry

struct IdentifierTests {
    private static let traceText = "0af7651916cd43dd8448eb211c80319c"

    @Test func identifierIsWrittenInLowerCaseAndReadInEitherCase() throws {
        let trace = try #require(TraceID(hexadecimal: Self.traceText))
        #expect(trace.description == Self.traceText)
        #expect(TraceID(hexadecimal: Self.traceText.uppercased()) == trace)
        #expect(trace.bytes == [0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c])
        #expect(TraceID(bytes: trace.bytes) == trace)
        let span = try #require(SpanID(hexadecimal: "b7ad6b7169203331"))
        #expect(span.description == "b7ad6b7169203331")
        #expect(span.bytes == [0xb7, 0xad, 0x6b, 0x71, 0x69, 0x20, 0x33, 0x31])
        #expect(SpanID(bytes: span.bytes) == span)
    }

    @Test func malformedIdentifiersAreRefused() {
        for text in [
            "", "0", String(traceText.dropLast()), traceText + "0", "+" + traceText.dropFirst(), "g" + traceText.dropFirst(),
            "é" + traceText.dropFirst(2),
        ] {
            #expect(TraceID(hexadecimal: text) == nil)
        }
        for text in ["", "b7ad6b716920333", "b7ad6b71692033310", "0x7ad6b716920333", " 7ad6b7169203331"] {
            #expect(SpanID(hexadecimal: text) == nil)
        }
        #expect(TraceID(bytes: [UInt8](repeating: 1, count: 15)) == nil)
        #expect(TraceID(bytes: [UInt8](repeating: 1, count: 17)) == nil)
        #expect(SpanID(bytes: [UInt8]()) == nil)
    }

    private var traceText: String { Self.traceText }

    @Test func identifierIsValidUnlessAllBytesAreZero() {
        #expect(!TraceID.invalid.isValid && !SpanID.invalid.isValid)
        #expect(TraceID(high: 1, low: 0).isValid && TraceID(high: 0, low: 1).isValid && SpanID(1).isValid)
        #expect(TraceID(bytes: [UInt8](repeating: 0, count: 16))?.isValid == false)
        #expect(TraceID.invalid.description == String(repeating: "0", count: 32))
    }

    @Test func spanContextIsValidOnlyWithBothIdentifiers() {
        let (trace, span) = (TraceID(high: 0, low: 1), SpanID(1))
        #expect(SpanContext(traceID: trace, spanID: span).isValid)
        #expect(!SpanContext(traceID: trace, spanID: .invalid).isValid)
        #expect(!SpanContext(traceID: .invalid, spanID: span).isValid)
        #expect(!SpanContext.invalid.isValid && !SpanContext.invalid.isRemote && !SpanContext.invalid.isSampled)
    }

    @Test func locallyCreatedContextIsNotRemote() {
        #expect(!SpanContext(traceID: TraceID(high: 0, low: 1), spanID: SpanID(1)).isRemote)
        #expect(SpanContext(traceID: .invalid, spanID: .invalid, flags: [.random]).isSampled == false)
        #expect(SpanContext(traceID: .invalid, spanID: .invalid, flags: [.random, .sampled]).isSampled)
    }

    @Test func hexadecimalNumbersRoundTrip() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<20_000 {
            let number = random.next()
            let text = String(number, radix: 16)
            let padded = String(repeating: "0", count: 16 - text.utf8.count) + text
            #expect(Hexadecimal.text(number) == padded)
            let read = read(Array(padded.utf8))
            #expect(read.isValid && read.number == number)
        }
    }

    @Test func lowerCaseNumberRefusesEveryOtherByteInEveryPlace() {
        let digits = Set("0123456789abcdef".utf8)
        for place in 0..<16 {
            for byte in UInt8.min...UInt8.max {
                for filler in [UInt8(ascii: "0"), UInt8(ascii: "f")] {
                    var bytes = [UInt8](repeating: filler, count: 16)
                    bytes[place] = byte
                    let isValid = read(bytes).isValid
                    if isValid != digits.contains(byte) { Issue.record("Byte \(byte) in place \(place) was misjudged.") }
                }
            }
        }
    }

    private func read(_ bytes: [UInt8]) -> (number: UInt64, isValid: Bool) {
        bytes.withUnsafeBytes { buffer in
            guard let address = buffer.baseAddress, buffer.count == 16 else { return (0, false) }
            var errors = SIMD2<UInt64>()
            let number = Hexadecimal.lowerCaseNumber(at: address, &errors)
            return (number, errors == .zero)
        }
    }
}
