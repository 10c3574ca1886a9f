// Formats of JSON lines by known bytes, including those of other loggers.

import Testing

@testable import Telemetry

struct JSONLineFormatTests {
    /// A record with everything.
    private let full = LogLines.record(
        "album created", severity: 10, severityText: "notice", time: LogLines.time, observedTime: LogLines.time + 1,
        attributes: [("album.id", 42), ("status", 200), ("latency", 1.5)], eventName: "album.created", traceID: LogLines.traceID,
        spanID: LogLines.spanID,
        flags: 1)

    @Test func openTelemetryFormatUsesDataModelNames() {
        #expect(
            LogLines.line(full, .openTelemetry)
                == #"{"timestamp":"2026-11-21T04:06:00.012345678Z","severity_text":"notice","severity_number":10,"#
                + #""event_name":"album.created","body":"album created","attributes":{"album.id":42,"status":200,"latency":1.5},"#
                + #""trace_id":"5b8efff798038103d269b633813fc60c","span_id":"eee19b7ec3c1b174","trace_flags":"01","#
                + #""scope_name":"album-store","service.name":"albums"}"#)
    }

    @Test func flatFormatHasShortNamesAndTopLevelAttributes() {
        #expect(
            LogLines.line(full, .flat)
                == #"{"level":"info","time":"2026-11-21T04:06:00.012Z","message":"album created","event":"album.created","#
                + #""service":"albums","trace_id":"5b8efff798038103d269b633813fc60c","span_id":"eee19b7ec3c1b174","#
                + #""album.id":42,"status":200,"latency":1.5}"#)
    }

    @Test func pythonLoggingFormatUsesNamesOfItsInstrumentation() {
        let refusal = LogLines.record(
            "Invalid authorization code for ship s1", severity: 17, time: LogLines.time, attributes: [("ship_id", "s1")],
            traceID: LogLines.traceID,
            spanID: LogLines.spanID, flags: 1)
        let line =
            #"{"message":"Invalid authorization code for ship s1","ship_id":"s1","#
            + #""otelTraceID":"5b8efff798038103d269b633813fc60c","otelSpanID":"eee19b7ec3c1b174","otelTraceSampled":true,"#
            + #""otelServiceName":"albums"}"#
        #expect(LogLines.line(refusal, .pythonLogging) == line, "Neither a time nor a level.")
        let more = JSONLineFormat.pythonLogging.adding(.level("levelname"), .time("asctime", .rfc3339(fractionDigits: 3)))
        #expect(
            LogLines.line(refusal, more) == #"{"levelname":"ERROR","asctime":"2026-11-21T04:06:00.012Z","# + line.dropFirst())
    }

    @Test func emptyFieldsAreOmitted() {
        let empty = LogLines.record()
        #expect(LogLines.line(empty, .openTelemetry) == #"{"scope_name":"album-store","service.name":"albums"}"#)
        #expect(
            LogLines.line(empty, [.body("a"), .attributes("b"), .attributes, .traceSampled("c"), .resourceAttribute("d", as: "d")]) == "{}")
        #expect(LogLines.line(empty, []) == "{}")
        let scopeless = RecordedScope(InstrumentationScope(name: ""), resource: RecordedResource(Resource(attributes: [:], schemaURL: "")))
        #expect(LogLines.bytes([empty], [.scopeName("s"), .scopeVersion("v")], scope: scopeless) == Array("{}\n".utf8))
    }

    @Test func timeFallsBackToObservedTime() {
        let both = LogLines.record(time: 1_000_000_000, observedTime: 2_000_000_000)
        let format: JSONLineFormat = [.time("t", .secondsSinceEpoch()), .observedTime("o", .secondsSinceEpoch())]
        #expect(LogLines.line(both, format) == #"{"t":1,"o":2}"#)
        #expect(LogLines.line(LogLines.record(observedTime: 2_000_000_000), format) == #"{"t":2,"o":2}"#)
    }

    @Test(
        arguments: [
            (.rfc3339(), #""2026-11-21T04:06:00.012345678Z""#), (.rfc3339(fractionDigits: 6), #""2026-11-21T04:06:00.012345Z""#),
            (.rfc3339(fractionDigits: 0), #""2026-11-21T04:06:00Z""#), (.rfc3339(fractionDigits: 99), #""2026-11-21T04:06:00.012345678Z""#),
            (.secondsSinceEpoch(), "1795233960"), (.secondsSinceEpoch(fractionDigits: 3), "1795233960.012"),
            (.millisecondsSinceEpoch, "1795233960012"), (.nanosecondsSinceEpoch, "1795233960012345678"),
        ] as [(JSONLineTime, String)])
    func timeStylesAreTextOrNumbers(style: JSONLineTime, text: String) {
        #expect(LogLines.line(LogLines.record(time: LogLines.time), [.time("t", style)]) == "{\"t\":\(text)}")
    }

    @Test func timesOfDifferentSecondsDiffer() {
        let times: [UInt64] = [1, 999_999_999, 1_000_000_000, 1, 86_399_999_999_999, 86_400_000_000_000]
        let lines = LogLines.bytes(times.map { LogLines.record(time: $0) }, [.time("t", .rfc3339(fractionDigits: 1))])
        #expect(
            String(decoding: lines, as: UTF8.self).split(separator: "\n").map { $0.dropFirst(6).dropLast(2) } == [
                "1970-01-01T00:00:00.0Z", "1970-01-01T00:00:00.9Z", "1970-01-01T00:00:01.0Z", "1970-01-01T00:00:00.0Z",
                "1970-01-01T23:59:59.9Z", "1970-01-02T00:00:00.0Z",
            ])
    }

    @Test func levelIsOneOfSixWordsAndSeverityTextIsOriginal() {
        let format: JSONLineFormat = [.level("level", .lowercase), .severityText("text"), .severityNumber("number")]
        #expect(LogLines.line(LogLines.record(severity: 14), format) == #"{"level":"warn","text":"WARN2","number":14}"#)
        #expect(
            LogLines.line(LogLines.record(severity: 24, severityText: "panic"), format) == #"{"level":"fatal","text":"panic","number":24}"#)
        #expect(LogLines.line(LogLines.record(severityText: "audit"), format) == #"{"level":"audit","text":"audit"}"#)
        #expect(LogLines.line(LogLines.record(severity: 99), format) == #"{"number":99}"#, "An undefined severity number is kept.")
        let words = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]
        for severity in 1...24 {
            let word = words[(severity - 1) / 4]
            #expect(LogLines.line(LogLines.record(severity: UInt64(severity)), [.level("l")]) == "{\"l\":\"\(word)\"}")
        }
    }

    @Test func invalidIdentifiersAreOmitted() {
        let format: JSONLineFormat = [.traceID("t"), .spanID("s"), .traceFlags("f"), .traceSampled("b")]
        let zeros = LogLines.record(traceID: Array(repeating: 0, count: 16), spanID: LogLines.spanID, flags: 1)
        #expect(LogLines.line(zeros, format) == "{}")
        #expect(LogLines.line(LogLines.record(traceID: [1, 2, 3], spanID: LogLines.spanID), format) == "{}")
        #expect(
            LogLines.line(LogLines.record(traceID: LogLines.traceID, spanID: Array(repeating: 0, count: 8)), format)
                == #"{"t":"5b8efff798038103d269b633813fc60c","f":"00","b":false}"#)
    }

    @Test func recordWithoutFlagsIsNotSampled() {
        let record = LogLines.record(traceID: LogLines.traceID, flags: nil)
        #expect(LogLines.line(record, [.traceFlags("f"), .traceSampled("b")]) == #"{"f":"00","b":false}"#)
    }

    @Test func formatsOfOtherLoggersAreFieldLists() {
        let elastic: JSONLineFormat = [
            .time("@timestamp", .rfc3339(fractionDigits: 3)), .level("log.level", .lowercase), .body("message"),
            .constant("ecs.version", "8.11.0"), .resourceAttribute("service.name", as: "service.name"), .scopeName("log.logger"),
            .traceID("trace.id"), .spanID("span.id"), .attributes("labels"),
        ]
        #expect(
            LogLines.line(full, elastic)
                == #"{"@timestamp":"2026-11-21T04:06:00.012Z","log.level":"info","message":"album created","ecs.version":"8.11.0","#
                + #""service.name":"albums","log.logger":"album-store","trace.id":"5b8efff798038103d269b633813fc60c","#
                + #""span.id":"eee19b7ec3c1b174","labels":{"album.id":42,"status":200,"latency":1.5}}"#)
        let cloud: JSONLineFormat = [
            .level(
                "severity",
                JSONLevels(trace: "DEBUG", debug: "DEBUG", info: "INFO", warn: "WARNING", error: "ERROR", fatal: "CRITICAL")),
            .time("time"), .body("message"), .traceID("logging.googleapis.com/trace", prefix: "projects/\"shop\"/traces/"),
            .spanID("logging.googleapis.com/spanId"), .traceSampled("logging.googleapis.com/trace_sampled"), .attributes,
        ]
        #expect(
            LogLines.line(full, cloud)
                == #"{"severity":"INFO","time":"2026-11-21T04:06:00.012345678Z","message":"album created","#
                + #""logging.googleapis.com/trace":"projects/\"shop\"/traces/5b8efff798038103d269b633813fc60c","#
                + #""logging.googleapis.com/spanId":"eee19b7ec3c1b174","logging.googleapis.com/trace_sampled":true,"#
                + #""album.id":42,"status":200,"latency":1.5}"#)
        let pino: JSONLineFormat = [
            .level("level", JSONLevels(trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60)),
            .time("time", .millisecondsSinceEpoch), .resourceAttribute("process.pid", as: "pid"), .attributes, .body("msg"),
        ]
        #expect(
            LogLines.line(full, pino)
                == #"{"level":30,"time":1795233960012,"pid":7,"album.id":42,"status":200,"latency":1.5,"msg":"album created"}"#)
    }

    @Test func resourceScopeAndConstantsAreWrittenInEachLine() {
        let format: JSONLineFormat = [
            .resource("resource"), .scopeName("scope"), .scopeVersion("version"), .constant("list", [1, "\n", .empty]), .body("body"),
        ]
        #expect(
            LogLines.line(LogLines.record(true), format)
                == #"{"resource":{"process.pid":7,"service.name":"albums"},"scope":"album-store","version":"1.4","list":[1,"\n",null],"body":true}"#
        )
    }

    @Test func attributesCollidingWithFieldsAreRenamed() {
        let attributes: [(String, AttributeValue)] = [("message", 1), ("other", 2), ("service", 3), ("a\"b", 4)]
        let format: JSONLineFormat = [.body("message"), .attributes, .resourceAttribute("none", as: "service"), .constant("a\"b", 0)]
        #expect(
            LogLines.line(LogLines.record("text", attributes: attributes), format)
                == #"{"message":"text","attributes.message":1,"other":2,"attributes.service":3,"attributes.a\"b":4,"a\"b":0}"#,
            "Names stay the same even if the field is omitted.")
        #expect(
            LogLines.line(LogLines.record("text", attributes: [("m", 1)]), [.attributes, .body("m"), .constant("attributes.m", 2)])
                == #"{"attributes.attributes.m":1,"m":"text","attributes.m":2}"#)
        #expect(
            LogLines.line(LogLines.record("text", attributes: [("m", 1), ("attributes.m", 2)]), [.body("m"), .attributes])
                == #"{"m":"text","attributes.m":2}"#, "The last one counts.")
        #expect(
            LogLines.line(LogLines.record("text", attributes: [("m", 1)]), [.body("m"), .attributes("a")]) == #"{"m":"text","a":{"m":1}}"#)
    }

    @Test func lastOfDuplicateAttributesWins() {
        let attributes: [(String, AttributeValue)] = [("a", 1), ("b", 2), ("a", 3), ("é", 4), ("é", 5), ("", 6), ("", 7)]
        for few in [true, false] {
            let more = few ? [] : (0..<100).map { ("key \($0 % 50)", AttributeValue.int(Int64($0))) }
            let line = LogLines.line(LogLines.record(attributes: attributes + more), [.attributes])
            #expect(line.hasPrefix(#"{"b":2,"a":3,"é":5,"":7"#) && !JSONKeys(line.utf8).hasDuplicates)
            #expect(few || line.hasSuffix(#""key 48":98,"key 49":99}"#))
        }
    }

    @Test func duplicateFieldNameIsConfigurationErrorAndIsWrittenOnce() {
        let twice: JSONLineFormat = [.body("a"), .attributes, .severityNumber("a"), .attributes]
        #expect(throws: ConfigurationError(setting: "format", value: "a", expected: "each name for one field only")) { try twice.check() }
        #expect(throws: ConfigurationError.self) { try ([.attributes, .attributes] as JSONLineFormat).check() }
        #expect(LogLines.line(LogLines.record("text", severity: 9, attributes: [("k", 1)]), twice) == #"{"a":"text","k":1}"#)
        for format in [JSONLineFormat.openTelemetry, .flat, .pythonLogging] { #expect(throws: Never.self) { try format.check() } }
    }
}
