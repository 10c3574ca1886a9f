// A value says what stands for it before it can be an attribute.

import Telemetry

struct Opaque {}

func attributes(_ tracer: Tracer, _ counter: Counter<Int>, _ log: TelemetryLogger, _ opaque: Opaque) {
    let attributes: Attributes = ["a": opaque]
    // expected-error@-1 {{cannot convert value of type 'Opaque' to expected dictionary value type 'any AttributeValueConvertible'}}
    tracer.startSpan("a", ["a": opaque]).end()
    // expected-error@-1 {{cannot convert value of type 'Opaque' to expected dictionary value type 'AttributeValue'}}
    tracer.withSpan("a", kind: .server, ["a": opaque]) { _ in }
    // expected-error@-1 {{cannot convert value of type 'Opaque' to expected dictionary value type 'AttributeValue'}}
    counter.add(1, ["a": opaque])
    // expected-error@-1 {{cannot convert value of type 'Opaque' to expected dictionary value type 'AttributeValue'}}
    log.info("a", ["a": opaque])
    // expected-error@-1 {{cannot convert value of type 'Opaque' to expected dictionary value type 'AttributeValue'}}
    tracer.startSpan("a")["a"] = opaque
    // expected-error@-1 {{A type of your own conforms to AttributeValueConvertible; a UUID or URL is given as its text}}
    tracer.startSpan("a")["a"] = [1, opaque]
    // expected-error@-1 {{A type of your own conforms to AttributeValueConvertible}}
    var shared: Attributes = [:]
    shared["a"] = opaque
    // expected-error@-1 {{A type of your own conforms to AttributeValueConvertible}}
    tracer.startSpan("a").setAttribute("a", opaque)
    // expected-error@-1 {{requires that 'Opaque' conform to 'AttributeValueConvertible'}}
}
