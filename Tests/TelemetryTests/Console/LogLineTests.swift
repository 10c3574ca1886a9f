// Log records on the console: layout and escapes.

import Testing

@testable import Telemetry

struct LogLineTests {
    private static let time = Timestamp(nanosecondsSinceEpoch: 1_000_000_000_125_999_999)
    private static let context = Context.root.with(
        spanContext: SpanContext(
            traceID: TraceID(high: 0x4BF9_2F35_77B3_4DA6, low: 0xA3CE_929D_0E0E_4736), spanID: SpanID(0x00F0_67AA_0BA9_02B7),
            flags: .sampled))

    /// Returns the text of a record that is emitted at a given time.
    private func text(_ record: LogRecord, _ style: LogLineStyle = LogLineStyle(), limits: LogRecordLimits = LogRecordLimits()) throws
        -> String
    {
        let recording = LogRecording(limits: limits)
        var record = record
        record.timestamp = record.timestamp ?? Self.time
        recording.log.emit(record)
        return LogLine.text(for: try recording.memory.finishedRecords.first.unwrapped(), style: style)
    }

    @Test func recordLineHasTimeLevelMessageAttributesAndSpan() throws {
        let record = LogRecord(
            "album created", severity: .info, attributes: ["album.id": 42, "album.title": "Blue Train", "is new": true],
            context: Self.context)
        #expect(
            try text(record)
                == "01:46:40.125Z INFO   album created  album.id=42  album.title=\"Blue Train\"  \"is new\"=true  0e0e4736/0ba902b7\n")
    }

    @Test func dateIsWrittenOutsideOfTerminalsAndScopeOnRequest() throws {
        let style = LogLineStyle(showsScope: true, showsDate: true)
        #expect(try text(LogRecord("x", severity: .warn), style) == "2001-09-09T01:46:40.125Z WARN   x  tests\n")
    }

    @Test func observedTimeReplacesMissingTimestamp() throws {
        let recording = LogRecording()
        recording.clock.advance(by: .milliseconds(7))
        recording.log.info("x")
        #expect(LogLine.text(for: try recording.memory.finishedRecords.first.unwrapped()) == "01:46:40.007Z INFO   x\n")
    }

    @Test func messagesBeginInTheSameColumnAtEveryLevel() throws {
        for severity in LogSeverity.allCases {
            let line = try text(LogRecord("message", severity: severity))
            #expect(line == "01:46:40.125Z \(TerminalText.padded(severity.shortName, to: 6)) message\n")
        }
    }

    @Test(
        arguments: [
            (.info2, "notice", "INFO2  (notice) x"), (.unspecified, "chatty", "       (chatty) x"), (.warn, "WARNING", "WARN   x"),
            (.info, "info", "INFO   x"), (.error3, "crit\u{1B}[2J", "ERROR3 (crit\\u{1B}[2J) x"),
        ] as [(LogSeverity, String, String)])
    func severityTextIsShownIfItDiffersFromTheLevel(severity: LogSeverity, own: String, line: String) throws {
        #expect(try text(LogRecord("x", severity: severity, severityText: own)) == "01:46:40.125Z \(line)\n")
    }

    @Test func eventNamePrecedesOrReplacesTheMessage() throws {
        let alone = LogRecord(severity: .info, attributes: ["user.id": 7], eventName: "user.login")
        #expect(try text(alone) == "01:46:40.125Z INFO   [user.login]  user.id=7\n")
        #expect(try text(LogRecord("hello", severity: .info, eventName: "user.login")) == "01:46:40.125Z INFO   [user.login] hello\n")
        #expect(try text(LogRecord(severity: .info)) == "01:46:40.125Z INFO   (no message)\n")
    }

    @Test func traceIdentifierIsShownWithoutSpan() throws {
        let spanContext = SpanContext(traceID: TraceID(high: 1, low: 0xAB), spanID: .invalid)
        let line = try text(LogRecord("x", severity: .info, context: .root.with(spanContext: spanContext)))
        #expect(line == "01:46:40.125Z INFO   x  000000ab\n")
    }

    @Test func messageLinesAreAligned() throws {
        let record = LogRecord("first\r\n\tsecond\n\n  third\n\n", severity: .debug, attributes: ["n": 1])
        let indent = String(repeating: " ", count: 21)
        #expect(try text(record) == "01:46:40.125Z DEBUG  first\n\(indent)    second\n\(indent)\n\(indent)  third\n\(indent)n=1\n")
    }

    @Test func exceptionIsWrittenBelowWithItsStack() throws {
        let stack = "PaymentError: declined\nfor good\n\tat pay(checkout.swift:12)\n\tat main"
        let record = LogRecord(
            "payment failed", severity: .error,
            attributes: [
                "exception.type": "PaymentError", "exception.message": "declined\nfor good", "exception.stacktrace": .string(stack),
                "order": 7,
            ])
        let indent = String(repeating: " ", count: 21)
        let expected = """
            01:46:40.125Z ERROR  payment failed  order=7
            \(indent)✗ PaymentError: declined
            \(indent)  for good
            \(indent)      at pay(checkout.swift:12)
            \(indent)      at main

            """
        #expect(try text(record) == expected)
    }

    @Test func thrownErrorIsWrittenByTypeAndMessage() throws {
        let lines = try text(LogRecord("payment failed", severity: .error, exception: CardDeclined())).split(separator: "\n")
        #expect(lines.count == 2 && lines[1].hasSuffix("✗ TelemetryTests.CardDeclined: the card was declined"))
    }

    @Test func longStackIsTruncatedAndTheRestCounted() throws {
        let stack = (0..<100).map { "frame \($0)" }.joined(separator: "\n")
        let lines = try text(LogRecord("x", attributes: ["exception.stacktrace": .string(stack)])).split(separator: "\n")
        #expect(lines.count == 66 && lines[65].hasSuffix("… and 36 more lines") && lines[1].hasSuffix("  frame 0"))
    }

    @Test func controlCharactersAreEscaped() throws {
        let evil = "a\u{1B}]0;title\u{7}\u{9B}31m\u{202E}\r\u{0}\u{85}\u{2028}b"
        let attributes: Attributes = [
            "\(evil)": "\(evil)", "nested": .array(["\(evil)", ["\(evil)": "\(evil)"]]), "exception.type": "\(evil)",
            "exception.message": "\(evil)",
            "exception.stacktrace": "\(evil)\n\(evil)",
        ]
        for body in [AttributeValue(evil), [AttributeValue(evil)], ["\(evil)": AttributeValue(evil)]] {
            for showsScope in [false, true] {
                let record = LogRecord(
                    body, severity: .info, severityText: evil, attributes: attributes, eventName: evil, context: Self.context)
                let text = try text(record, LogLineStyle(showsScope: showsScope))
                let sent = text.unicodeScalars.filter { $0 != "\n" }
                let obeyed: Set<Unicode.GeneralCategory> = [.control, .format, .lineSeparator, .paragraphSeparator]
                #expect(sent.allSatisfy { !obeyed.contains($0.properties.generalCategory) })
                #expect(text.contains("\\u{1B}]0;title\\u{7}\\u{9B}31m\\u{202E}\\r\\u{0}\\u{85}\\u{2028}b"))
            }
        }
    }

    @Test func droppedAttributesAreCounted() throws {
        let line = try text(
            LogRecord("x", severity: .info, attributes: ["a": 1, "b": 2, "c": 3]), limits: LogRecordLimits(attributeCount: 1))
        #expect(line == "01:46:40.125Z INFO   x  a=1  (2 attributes dropped)\n")
    }

    @Test func structuresAreWrittenAsLiterals() throws {
        let body: AttributeValue = ["id": 7, "tags": ["a b", .empty], "ratio": 0.5, "raw": .bytes([0, 255]), "ok": false]
        #expect(
            try text(LogRecord(body, severity: .info))
                == "01:46:40.125Z INFO   {id: 7, ok: false, ratio: 0.5, raw: 0x00ff, tags: [\"a b\", null]}\n")
        #expect(try text(LogRecord(7, severity: .info)) == "01:46:40.125Z INFO   7\n")
        #expect(try text(LogRecord(nil, severity: .info)) == "01:46:40.125Z INFO   (no message)\n")
        #expect(try text(LogRecord(.empty, severity: .info)) == "01:46:40.125Z INFO   null\n")
    }

    @Test func wideStructureHasALineForEachElement() throws {
        let body: AttributeValue = ["name": .string(String(repeating: "x", count: 70)), "list": [1, 2], "empty": .map([:])]
        let indent = String(repeating: " ", count: 21)
        let expected = """
            01:46:40.125Z INFO   {
            \(indent)  empty: {},
            \(indent)  list: [1, 2],
            \(indent)  name: "\(String(repeating: "x", count: 70))"
            \(indent)}
            \(indent)n=1

            """
        #expect(try text(LogRecord(body, severity: .info, attributes: ["n": 1])) == expected)
    }

    @Test func coloursAreOptional() throws {
        let record = LogRecord("x", severity: .warn, attributes: ["n": 1], context: Self.context)
        #expect(
            try text(record, LogLineStyle(isColored: true))
                == "\u{1B}[2m01:46:40.125Z\u{1B}[0m \u{1B}[33mWARN\u{1B}[0m   x  \u{1B}[2mn=\u{1B}[0m1  \u{1B}[34m0e0e4736\u{1B}[0m\u{1B}[2m/0ba902b7\u{1B}[0m\n"
        )
        #expect(try !text(record).contains("\u{1B}"))
    }
}
