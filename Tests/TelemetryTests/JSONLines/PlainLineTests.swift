// Lines that are written in one piece, against those of any record.

import Testing

@testable import Telemetry

struct PlainLineTests {
    private static let formats: [JSONLineFormat] = [
        .openTelemetry, .flat, .pythonLogging,
        [
            .time("t", .secondsSinceEpoch(fractionDigits: 3)), .observedTime("o", .millisecondsSinceEpoch), .level("l"), .level("m"),
            .body("b"), .body("c"), .attributes("a"), .attributes, .traceFlags("f"), .traceSampled("s"),
            .traceID("g", prefix: "projects/p/traces/"),
        ],
        [
            .observedTime("n", .nanosecondsSinceEpoch), .time("w", .rfc3339(fractionDigits: 0)), .severityNumber("v"),
            .constant("k", [1, "x"]),
        ],
        [.eventName("e")],
    ]

    @Test func linesInOnePieceAreThoseOfAnyRecord() {
        var random = SplitMix64(seed: 72)
        var plainCounts = [Int](repeating: 0, count: Self.formats.count)
        for round in 0..<6_000 {
            let format = Self.formats[round % Self.formats.count]
            let layout = JSONLineLayout(format, LogLines.scope)
            var message = record(using: &random)
            if round % 7 == 0 { message = message.damaged(using: &random) }
            var (plain, any) = (JSONLineEncoder(format), JSONLineEncoder(format))
            message.withUnsafeBytes { bytes in
                any.appendAny(bytes, layout)
                if plain.appendPlain(bytes, layout) {
                    plainCounts[round % Self.formats.count] += 1
                    if plain.lines != any.lines {
                        Issue.record("\(String(decoding: plain.lines, as: UTF8.self)) is not \(String(decoding: any.lines, as: UTF8.self))")
                    }
                } else {
                    #expect(plain.lines.isEmpty)
                }
            }
        }
        // Half of the records have nothing that must be escaped or is nested.
        for count in plainCounts { #expect(count > 200) }
    }

    private static func records(with text: String) -> [[UInt8]] {
        [
            LogLines.record(.string(text)), LogLines.record("m", attributes: [("key", .string(text))]),
            LogLines.record("m", attributes: [(text, 1)]), LogLines.record("m", eventName: text),
            LogLines.record("m", severityText: text),
        ]
    }

    @Test(arguments: ["é", "\u{7F}é", "1234567é", "\"é", "é\"", String(repeating: "x", count: PlainLine.longestEscaped) + "\""])
    func textsBeyondASCIIAndLongOnesWithEscapesAreNotPlain(text: String) {
        let layout = JSONLineLayout(.flat, LogLines.scope)
        for record in Self.records(with: text) {
            var encoder = JSONLineEncoder(.flat)
            #expect(record.withUnsafeBytes { !encoder.appendPlain($0, layout) })
            #expect(encoder.lines.isEmpty)
        }
    }

    @Test(arguments: [JSONLineFormat.openTelemetry, .flat, .pythonLogging])
    func roomIsThatOfTheTextsOnceWithEscapes(format: JSONLineFormat) {
        let record = LogLines.record(.string(String(repeating: "\"", count: 4000)), attributes: [("key", "v")])
        var encoder = JSONLineEncoder(format)
        let layout = JSONLineLayout(format, LogLines.scope)
        #expect(record.withUnsafeBytes { encoder.appendPlain($0, layout) })
        #expect(encoder.lines.capacity < 32 << 10, "An array takes what it is asked for, and little more.")
    }

    @Test(
        arguments: [
            "a\"b", "a\\b", "line\n", "1234567\"", "12345678\"", "\"2345678", "\u{1F}", "\t\r\0\"\\", #"{"a":{"b":"c","d":"e\"f"}}"#,
            String(repeating: "\0", count: 600), String(repeating: "\"1234567", count: 400),
        ])
    func textsWithEscapesAreThoseOfAnyRecord(text: String) {
        for format in Self.formats {
            let layout = JSONLineLayout(format, LogLines.scope)
            for record in Self.records(with: text) {
                var (plain, any) = (JSONLineEncoder(format), JSONLineEncoder(format))
                record.withUnsafeBytes { any.appendAny($0, layout) }
                #expect(record.withUnsafeBytes { plain.appendPlain($0, layout) })
                #expect(plain.lines == any.lines)
            }
        }
    }

    @Test(
        arguments: [
            (0.001, "0.001"), (0.000999, "0.000999"), (0.123456, "0.123456"), (0.1234567, "0.1234567"), (1.5, "1.5"), (12, "12.0"),
            (999_999_999.999999, "999999999.999999"), (1e9, "1000000000.0"), (1e16, "1e+16"), (1e-7, "1e-07"), (-1.5, "-1.5"), (0, "0.0"),
            (0.1 + 0.2, "0.30000000000000004"), (.leastNonzeroMagnitude, "5e-324"), (2.2250738585072014e-308, "2.2250738585072014e-308"),
        ] as [(Double, String)])
    func doublesHaveTheirShortestDigits(number: Double, text: String) {
        #expect(LogLines.line(LogLines.record(.double(number)), [.body("v")]) == "{\"v\":\(text)}")
    }

    @Test func doublesInMillionthsAreWrittenAsTheyAreDescribed() {
        var random = SplitMix64(seed: 73)
        for _ in 0..<20_000 {
            let scales: [Double] = [1, 10, 1000, 1_000_000]
            let digits = Double(UInt64.random(in: 0...999_999_999_999_999, using: &random)) / (scales.randomElement(using: &random) ?? 1)
            let number: Double = Bool.random(using: &random) ? digits / 1e6 : digits.rounded() / 1e6
            var writer = JSONWriter()
            writer.value(number)
            if writer.bytes != Array(number.description.utf8) {
                Issue.record("\(String(decoding: writer.bytes, as: UTF8.self)) is not \(number)")
            }
        }
    }

    private func record(using random: inout SplitMix64) -> [UInt8] {
        func text() -> String {
            let length = [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 63, 70, 200].randomElement(using: &random) ?? 0
            let isEscaped = Bool.random(using: &random)
            var bytes: [UInt8] = []
            for _ in 0..<length {
                let byte = 0x20 + UInt8(truncatingIfNeeded: random.next() % 0x5F)
                if isEscaped || byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") { bytes.append(byte) }
            }
            var text = String(decoding: bytes, as: UTF8.self)
            if Int.random(in: 0..<40, using: &random) == 0 { text += ["é", "\n", "\"", "\\"].randomElement(using: &random) ?? "" }
            return text
        }
        func value() -> AttributeValue {
            switch Int.random(in: 0..<40, using: &random) {
            case 0..<16: .string(text())
            case 16..<24: .int(Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0...63, using: &random))
            case 24..<28: .bool(Bool.random(using: &random))
            case 28..<34: .double(Double(UInt32.random(in: 0...99_999_999, using: &random)) / 1e6)
            case 34..<39: .double(Double(bitPattern: UInt64.random(in: 0 ... .max, using: &random)))
            default: ["nested", 1]
            }
        }
        let count = [0, 1, 4, 16, 17].randomElement(using: &random) ?? 0
        let attributes = (0..<count).map { index in (Int.random(in: 0..<60, using: &random) == 0 ? "time" : "\(text())\(index)", value()) }
        let hasTrace = Bool.random(using: &random)
        return LogLines.record(
            Bool.random(using: &random) ? .string(text()) : nil, severity: UInt64.random(in: 0...26, using: &random),
            severityText: Bool.random(using: &random) ? text() : "INFO", time: Bool.random(using: &random) ? LogLines.time : 0,
            observedTime: Bool.random(using: &random) ? LogLines.time &+ UInt64.random(in: 0...9_999_999_999, using: &random) : 0,
            attributes: attributes, eventName: Bool.random(using: &random) ? text() : "", traceID: hasTrace ? LogLines.traceID : [],
            spanID: hasTrace && Bool.random(using: &random) ? LogLines.spanID : [], flags: UInt32.random(in: 0...255, using: &random))
    }
}
