// The demo's view of a log line.

import ExampleSupport
import Testing

@testable import Demo

struct LogCheckTests {
    @Test func summaryBeginsWithStatusAndLatency() {
        let line = LogCheck.Line(json: [
            "level": "warn", "time": "2026-01-17T09:30:00.125Z", "message": "request answered", "service": "album-store",
            "trace_id": "696389b10e340422e7f40c55b79d8155", "span_id": "b4fb07f8fa4bfb59", "path": "/albums/666", "status": 400,
            "latency": 0.1381,
        ])
        #expect(line.summary == "400  0.14 ms    warn   album-store    b4fb07f8fa4bfb59  request answered path=/albums/666")
    }

    @Test func summaryWithoutStatusKeepsColumns() {
        let line = LogCheck.Line(json: ["level": "info", "message": "album added", "service": "album-store", "span_id": "b4fb07f8fa4bfb59"])
        #expect(line.summary == "                info   album-store    b4fb07f8fa4bfb59  album added")
        #expect(line.summary.prefix(LogCheck.Line.textColumn).allSatisfy { $0 == " " })
    }

    @Test func summaryShortensDocumentsAndKeepsSentences() {
        let document = #"{"Type":"Notification","MessageId":"04194f58-2e3c-4cd2-b84a-0fd7c5e91918"}"#
        let sentence = "the message was not delivered, and will be later, after a pause that doubles each time"
        let line = LogCheck.Line(json: ["message": "received", "sns.message": .string(document), "detail": .string(sentence)])
        #expect(line.summary.hasSuffix(#"received sns.message={"Type":"Notification","MessageId":"04194f5… detail="# + sentence))
    }
}
