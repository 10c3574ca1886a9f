// How the demo shows log lines.

import ExampleSupport
import Testing

@testable import Demo

@Suite struct LogCheckTests {
    @Test func aLineIsShownWithTheIdentifierOfItsSpanAndAllThatVaries() {
        let line = LogCheck.Line(json: [
            "level": "warn", "time": "2026-01-17T09:30:00.125Z", "message": "request answered", "service": "album-store",
            "trace_id": "696389b10e340422e7f40c55b79d8155", "span_id": "b4fb07f8fa4bfb59", "path": "/albums/666", "status": 400,
        ])
        #expect(line.summary == "warn   album-store    b4fb07f8fa4bfb59  request answered path=/albums/666 status=400")
    }
}
