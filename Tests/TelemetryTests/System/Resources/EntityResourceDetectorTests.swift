// Entities of resources, and of the environment.

import Testing

@testable import Telemetry

struct EntityResourceDetectorTests {
    private func entities(_ text: String, problemCount: Int = 0) -> [ResourceEntity] {
        var problems: [String] = []
        let entities = EntityResourceDetector.entities(text, &problems)
        #expect(problems.count == problemCount, "\(problems)")
        return entities
    }

    @Test func entitiesAreReadWithIdentityDetailsAndSchema() {
        let text =
            "service{service.name=my-app,service.instance.id=instance-1}[service.version=1.0.0]@https://opentelemetry.io/schemas/1.21.0;"
            + "host{host.id=host-123}[host.name=web-server-01]"
        #expect(
            entities(text) == [
                ResourceEntity(
                    type: "service",
                    identity: ["service.name": "my-app", "service.instance.id": "instance-1"],
                    details: ["service.version": "1.0.0"],
                    schemaURL: "https://opentelemetry.io/schemas/1.21.0"),
                ResourceEntity(
                    type: "host", identity: ["host.id": "host-123"], details: ["host.name": "web-server-01"]),
            ])
        #expect(
            entities(";service{service.name=app1};;host{host.id=host-123};").map(\.type) == [
                "service", "host",
            ])
        #expect(
            entities("service{service.name=my%2Capp}[config=key%3Dvalue%5Bprod%5D]") == [
                ResourceEntity(
                    type: "service", identity: ["service.name": "my,app"],
                    details: ["config": "key=value[prod]"])
            ])
    }

    @Test func brokenEntitiesAreLeftOutAndOthersAreRead() {
        #expect(entities("service{};host{host.id=123}", problemCount: 1).map(\.type) == ["host"])
        #expect(
            entities("service{service.name=app1};invalid{syntax;host{host.id=1}", problemCount: 1).map(
                \.type) == ["service", "host"])
        #expect(
            entities("service{service.name=app1}@invalid-url", problemCount: 1) == [
                .init(type: "service", identity: ["service.name": "app1"])
            ])
        for broken in [
            "9{a=b}", "{a=b}", "a", "a{b}", "a{b=c", "a{b=c}]", "a{b=c}[d=e", "a{b=c=d}", "a{b=%zz}",
            "a}b{c=d}", "a{b=c}x",
        ] {
            #expect(entities(broken, problemCount: 1).isEmpty, "\(broken)")
        }
    }

    @Test func entitiesBeyondTheBoundAreLeftOutAndReported() {
        let text = (0..<70).map { "t\($0){id=\($0)}" }.joined(separator: ";")
        let read = entities(text, problemCount: 1)
        #expect(read.count == 64 && read.last?.type == "t63")
    }

    @Test func theLastOfConflictingEntitiesCounts() {
        let duplicate = entities(
            "service{service.name=app1}[version=1.0];service{service.name=app1}[version=2.0]",
            problemCount: 1)
        #expect(
            duplicate == [
                ResourceEntity(
                    type: "service", identity: ["service.name": "app1"], details: ["version": "2.0"])
            ])
        #expect(
            entities("service{service.name=app1};service{service.name=app2}", problemCount: 1).map(
                \.identity) == [["service.name": "app2"]])
        let details = entities(
            "service{service.name=a}[env=x,n=1];host{host.id=h}[env=y]", problemCount: 1)
        #expect(details.map(\.details) == [["n": "1"], ["env": "y"]])
    }

    @Test func seededNoiseCrashesNothing() {
        var random = SplitMix64(seed: 4931)
        let alphabet = Array("service{.name=app1}[version%2C];@:host é".utf8)
        for _ in 0..<5000 {
            let bytes = (0..<Int(random.next() % 60)).map { _ in
                alphabet[Int(random.next() % UInt64(alphabet.count))]
            }
            var problems: [String] = []
            let found = EntityResourceDetector.entities(String(decoding: bytes, as: UTF8.self), &problems)
            #expect(found.filter(\.isValid).count == found.count)
        }
        var problems: [String] = []
        let many = (0..<200).map { "t\($0){a\($0)=1}" }.joined(separator: ";")
        #expect(EntityResourceDetector.entities(many, &problems).count == 64 && problems.count == 1)
    }

    // MARK: The examples of the specification's resource data model

    private static let host = ResourceEntity(
        type: "host", identity: ["host.id": "H1"], details: ["host.name": "new-name"])
    private static let service = ResourceEntity(type: "service", identity: ["service.name": "my-svc"])

    @Test func entityReplacesAttributesThatBelongToNone() {
        let merged = Resource(attributes: ["host.name": "old-name", "env": "prod"]).merging(
            Resource(entities: [Self.host, Self.service]))
        #expect(
            merged.entities == [Self.host, Self.service]
                && merged.unassociatedAttributes == ["env": "prod"])
        #expect(
            merged.attributes.dictionary == [
                "host.id": "H1", "host.name": "new-name", "service.name": "my-svc", "env": "prod",
            ])
    }

    @Test func attributeThatBelongsToNoneRemovesAnEntity() {
        let process = ResourceEntity(type: "process", identity: ["process.pid": 12345])
        let merged = Resource(entities: [Self.host, process]).merging(
            Resource(attributes: ["host.id": "h2", "env": "prod"]))
        #expect(
            merged.entities == [process]
                && merged.unassociatedAttributes == ["host.id": "h2", "env": "prod"])
        #expect(merged.attributes["host.name"] == nil)
    }

    @Test func attributeWithTheSameValueLeavesTheEntity() {
        let merged = Resource(entities: [Self.host]).merging(
            Resource(attributes: ["host.name": "new-name", "env": "prod"]))
        #expect(
            merged.entities == [Self.host] && merged.unassociatedAttributes == ["env": "prod"])
    }

    @Test func otherIdentityOfAKnownTypeAndKeysOfOtherEntitiesAreRefused() {
        let host = ResourceEntity(type: "host", identity: ["host.id": "H1"], details: ["env": "prod"])
        let merged = Resource(entities: [host]).merging(
            Resource(entities: [
                ResourceEntity(type: "host", identity: ["host.id": "H2"]),
                ResourceEntity(type: "service", identity: ["service.name": "S1"], details: ["env": "dev"]),
            ]))
        #expect(merged.entities == [host] && merged.attributes == ["host.id": "H1", "env": "prod"])
    }

    @Test func detailsOfTheSameEntityAreJoinedAndSchemasMustAgree() {
        func host(_ details: Attributes, _ schema: String) -> Resource {
            Resource(entities: [
                ResourceEntity(
                    type: "host", identity: ["host.id": "H1"], details: details, schemaURL: schema)
            ])
        }
        let merged = host(["a": 1, "b": 1], "s:1").merging(host(["b": 2, "c": 2], "s:1"))
        #expect(
            merged.attributes.dictionary == ["host.id": "H1", "a": 1, "b": 2, "c": 2]
                && merged.schemaURL == "s:1")
        #expect(
            host(["a": 1], "s:1").merging(host(["a": 2], "s:2")).attributes.dictionary == [
                "host.id": "H1", "a": 1,
            ])
        let both = host([:], "s:1").merging(Resource(entities: [Self.service]))
        #expect(both.entities.count == 2 && both.schemaURL.isEmpty)
        #expect(
            Resource(entities: [
                ResourceEntity(type: "", identity: ["a": 1]), ResourceEntity(type: "t", identity: [:]),
            ]) == .empty)
    }

    @Test func referencesToEntitiesAreExportedWithTheResource() throws {
        let telemetry = try TelemetrySystem.start(
            detectors: [.entities], spans: [], metrics: [], logs: [],
            environment: [
                "OTEL_ENTITIES": "host{host.id=h}[host.name=n]@s:1", "OTEL_SERVICE_NAME": "shop",
            ])
        #expect(
            telemetry.resource.entities.map(\.type) == ["host"]
                && telemetry.resource.attributes["service.name"] == "shop")
        // Resource { attributes {…}, entity_refs { schema_url: "s:1" type: "host" id_keys: "host.id" description_keys: "host.name" } }
        let resource = Resource(
            entities: [
                ResourceEntity(
                    type: "host", identity: ["host.id": "h"], details: ["host.name": "n"], schemaURL: "s:1")
            ])
        let reference: [UInt8] =
            [0x1A, 31, 0x0A, 3] + Array("s:1".utf8) + [0x12, 4] + Array("host".utf8) + [0x1A, 7]
            + Array("host.id".utf8) + [0x22, 9]
            + Array("host.name".utf8)
        #expect(
            RecordedResource(resource).encodedResource.suffix(reference.count).elementsEqual(reference))
    }
}
