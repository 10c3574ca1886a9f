// A slip in a name is told at its place, whatever stands around it.

import Telemetry

func slips(_ tracer: Tracer, _ counter: Counter<Int>, _ id: Int) {
    tracer.withSpan("a", kind: .sever, ["id": id]) { _ in }
    // expected-error@-1 {{type 'SpanKind' has no member 'sever'}}
    tracer.withSpan("a", ["id": id]) { span in span.setStats(.ok) }
    // expected-error@-1 {{value of type 'TraceSpan' has no member 'setStats'}}
    // expected-error@-2 {{cannot infer contextual base in reference to member 'ok'}}
    tracer.startSpan("a", ["id": idd]).end()
    // expected-error@-1 {{cannot find 'idd' in scope}}
    counter.add("1", ["id": id])
    // expected-error@-1 {{cannot convert value of type 'String' to expected argument type 'Int'}}
    counter.increment(1)
    // expected-error@-1 {{value of type 'Counter<Int>' has no member 'increment'}}
}
