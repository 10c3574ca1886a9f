// Attributes stand behind kind and parent, and before links.

import Telemetry

func spans(_ tracer: Tracer) async {
    tracer.withSpan("a", ["id": 1], kind: .server) { _ in }
    // expected-error@-1 {{argument 'kind' must precede unnamed argument #2}}
    tracer.startSpan("a", ["id": 1], parent: .root).end()
    // expected-error@-1 {{argument 'parent' must precede unnamed argument #2}}
    tracer.startSpan("a", ["id": 1], startTime: .now, links: []).end()
    // expected-error@-1 {{argument 'links' must precede argument 'startTime'}}
}
