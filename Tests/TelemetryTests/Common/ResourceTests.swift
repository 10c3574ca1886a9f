// Merging of resources, and equality of scopes.

import Testing

@testable import Telemetry

struct ResourceTests {
    @Test func mergePrefersUpdatingResourceEvenIfValueIsEmpty() {
        let old = Resource(attributes: ["service.name": "old", "host.name": "h", "zone": "a"])
        let merged = old.merging(Resource(attributes: ["service.name": "new", "zone": ""]))
        #expect(merged.attributes == ["service.name": "new", "host.name": "h", "zone": ""])
        #expect(old.merging(.empty) == old)
        #expect(Resource.empty.merging(old) == old)
    }

    @Test(arguments: [("", "", ""), ("", "b", "b"), ("a", "", "a"), ("a", "a", "a"), ("a", "b", "")])
    func conflictingSchemaURLsMergeToEmpty(_ old: String, _ updating: String, _ expected: String) {
        let merged = Resource(attributes: ["x": 1], schemaURL: old).merging(Resource(attributes: ["y": 2], schemaURL: updating))
        #expect(merged.schemaURL == expected)
        #expect(merged.attributes == ["x": 1, "y": 2])
    }

    @Test func serviceResourceHoldsGivenFieldsOnly() {
        #expect(Resource.service("shop").attributes == ["service.name": "shop"])
        let service = Resource.service(
            "shop", version: "1.4", namespace: "eu", instanceID: "i-1", attributes: ["service.version": "2", "x": 1])
        #expect(
            service.attributes == [
                "service.name": "shop", "service.version": "2", "service.namespace": "eu", "service.instance.id": "i-1", "x": 1,
            ])
    }

    @Test func scopesAreEqualIfAllFieldsAreEqual() {
        let scope = InstrumentationScope(name: "lib", version: "1", schemaURL: "s", attributes: ["a": 1])
        #expect(scope == InstrumentationScope(name: "lib", version: "1", schemaURL: "s", attributes: ["a": 1]))
        let others = [
            InstrumentationScope(name: "other", version: "1", schemaURL: "s", attributes: ["a": 1]),
            InstrumentationScope(name: "lib", version: "2", schemaURL: "s", attributes: ["a": 1]),
            InstrumentationScope(name: "lib", version: "1", schemaURL: "t", attributes: ["a": 1]),
            InstrumentationScope(name: "lib", version: "1", schemaURL: "s"),
        ]
        #expect(!others.contains(scope))
    }
}
