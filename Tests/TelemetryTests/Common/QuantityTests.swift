// Singular and plural in messages.

import Testing

@testable import Telemetry

struct QuantityTests {
    @Test func onlyOneIsSingular() {
        #expect(quantity(1, "item") == "1 item")
        #expect(quantity(0, "item") == "0 items" && quantity(2, "attempt") == "2 attempts")
    }
}
