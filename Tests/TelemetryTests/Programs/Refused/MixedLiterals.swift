// A bare array or map of several types, or of values that are not convertible, is refused by one message, which says how it is written.

import Telemetry

struct Station {
    var id = 7
    var name = "north"
}

struct Opaque {}

func record(_ tracer: Tracer, _ span: TraceSpan, _ log: TelemetryLogger, _ counter: Counter<Int>, _ station: Station) async {
    tracer.startSpan("a", ["id": station.id, "list": [station.id, "text"]]).end()
    // expected-error@-1 {{An array or a map of several types is written .array([…]) or .map([…]), of convertible values.}}
    tracer.withSpan("a", ["map": ["id": station.id, "name": station.name]]) { _ in }
    // expected-error@-1 {{An array or a map of several types is written .array([…]) or .map([…]), of convertible values.}}
    await tracer.withSpan("a", kind: .client, ["id": station.id, "list": [station.id, station.name]]) { _ in await Task.yield() }
    // expected-error@-1 {{An array or a map of several types is written .array([…]) or .map([…]), of convertible values.}}
    span.setAttributes(["id": station.id, "list": ["text", station.id]])
    // expected-error@-1 {{An array or a map of several types is written .array([…]) or .map([…]), of convertible values.}}
    span.addEvent("a", ["id": station.id, "map": ["id": 1, "name": station.name]])
    // expected-error@-1 {{An array or a map of several types is written .array([…]) or .map([…]), of convertible values.}}
    log.info("a", ["id": station.id, "list": [1, station.name]])
    // expected-error@-1 {{An array or a map of several types is written .array([…]) or .map([…]), of convertible values.}}
    counter.add(1, ["id": station.id, "list": [station.id, station.name]])
    // expected-error@-1 {{An array or a map of several types is written .array([…]) or .map([…]), of convertible values.}}
}

func compare(_ attributes: Attributes, _ station: Station) -> [Bool] {
    let isEqual = attributes == ["id": station.id, "list": [station.id, station.name]]
    // expected-error@-1 {{An array or a map of several types is written .array([…]) or .map([…]), of convertible values.}}
    let isOther = attributes != ["id": station.id, "list": [station.id, station.name]]
    // expected-error@-1 {{An array or a map of several types is written .array([…]) or .map([…]), of convertible values.}}
    return [isEqual, isOther]
}

func opaque(_ tracer: Tracer, _ counter: Counter<Int>, _ log: TelemetryLogger, _ opaque: Opaque) {
    tracer.startSpan("a", ["ids": [opaque]]).end()
    // expected-error@-1 {{An array or a map of several types is written .array([…]) or .map([…]), of convertible values.}}
    counter.add(1, ["id": 1, "ids": ["a": opaque]])
    // expected-error@-1 {{An array or a map of several types is written .array([…]) or .map([…]), of convertible values.}}
    log.info("a", ["tags": [1, 2][1...], "ids": [opaque]])
    // expected-error@-1 {{An array or a map of several types is written .array([…]) or .map([…]), of convertible values.}}
}

func slips(_ tracer: Tracer, _ station: Station) {
    tracer.startSpan("a", ["id": station.id, "map": .map(["name": station.nme])]).end()
    // expected-error@-1 {{value of type 'Station' has no member 'nme'}}
    tracer.withSpan("a", ["list": .array([station.id, station.name])]) { span in span.setStats(.ok) }
    // expected-error@-1 {{value of type 'TraceSpan' has no member 'setStats'}}
    // expected-error@-2 {{cannot infer contextual base in reference to member 'ok'}}
}
