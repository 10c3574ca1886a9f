// What is read is an attribute's value, of whatever kind it is.

import Telemetry

func read(_ span: TraceSpan, _ attributes: Attributes) {
    let _: Int? = span["a"]
    // expected-error@-1 {{An attribute is an AttributeValue: annotate it, use .stringValue, compare AttributeValue(x).}}
    let _: String? = attributes["a"]
    // expected-error@-1 {{use .stringValue, compare AttributeValue(x).}}
    let count = 3
    _ = attributes["a"] == count
    // expected-error@-1 {{compare AttributeValue(x).}}
}
