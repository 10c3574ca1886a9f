// What is read is an attribute's value, of whatever kind it is.

import Telemetry

func read(_ span: TraceSpan, _ attributes: Attributes) {
    let _: Int? = span["a"]
    // expected-error@-1 {{An attribute is read as an AttributeValue: annotate the variable, or ask for .stringValue.}}
    let _: String? = attributes["a"]
    // expected-error@-1 {{ask for .stringValue.}}
}
