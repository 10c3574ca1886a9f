// The guide to fleets of collectors: each of its examples stands here word for word, and its settings can be used.

import Testing

@testable import Telemetry

struct FleetGuideTests {
    @Test func everyExampleOfTheGuideIsInThisFile() throws {
        let examples = try GuideExamples("Delivery.md", section: "A fleet of collectors")
        #expect(examples.blocks.count == 3)
        #expect(try examples.missing(in: #filePath) == [])
    }

    @Test func everyExampleOfTheGuideToScaleIsInThisFile() throws {
        let examples = try GuideExamples("Scale.md")
        #expect(examples.blocks.count == 1)
        #expect(try examples.missing(in: #filePath) == [])
    }

    @Test func gatewaysOfTheGuideToScaleCanBeConfigured() throws {
        // swift-format-ignore
        let exporter = OTLPSpanExporter(endpoint: "http://gateways.monitoring.svc:4318", options: OTLPOptions(maximumConcurrentRequests: 4, loadBalancing: .byTraceID, addresses: AddressPolicy(refreshInterval: .seconds(10))))

        try exporter.configure(EnvironmentReader([:]))
        #expect(exporter.destinationName == "http://gateways.monitoring.svc:4318/v1/traces" && exporter.maximumConcurrentExports == 4)
    }

    @Test func examplesCanBeConfigured() throws {
        let addresses = AddressPolicy(refreshInterval: .seconds(10), connectionAge: .seconds(120), answerTimeout: .seconds(2))
        let byName = OTLPSpanExporter(endpoint: "http://collectors.monitoring.svc:4318", options: OTLPOptions(addresses: addresses))

        let byList = OTLPSpanExporter(options: OTLPOptions(endpoints: ["http://10.0.0.1:4318", "http://10.0.0.2:4318"]))

        // swift-format-ignore
        let byTrace = OTLPSpanExporter(endpoint: "http://tail-samplers.monitoring.svc:4318", options: OTLPOptions(maximumConcurrentRequests: 4, loadBalancing: .byTraceID))

        for exporter in [byName, byList, byTrace] { try exporter.configure(EnvironmentReader([:])) }
        #expect(byName.destinationName == "http://collectors.monitoring.svc:4318/v1/traces")
        #expect(byList.destinationName == "http://10.0.0.1:4318/v1/traces, http://10.0.0.2:4318/v1/traces")
        #expect(byList.component.serverAddress == "10.0.0.1" && byTrace.maximumConcurrentExports == 4)
    }

    /// Options that cannot be used, with the setting that is named and a part of what is expected.
    private static let wrong: [(options: OTLPOptions, setting: String, expected: String)] = [
        (OTLPOptions(endpoint: "http://a:1", endpoints: ["http://b:1"]), "endpoint", "either one endpoint or a list"),
        (OTLPOptions(endpoints: ["http://a:1", "http://a:1"]), "endpoints", "each endpoint once"),
        (OTLPOptions(endpoints: (0..<65).map { "http://a\($0):1" }), "endpoints", "at most 64"),
        (OTLPOptions(endpoints: ["http://a:1", "nonsense"]), "endpoint", "a URL as"),
        (OTLPOptions(addresses: AddressPolicy(refreshInterval: .zero)), "addresses.refreshInterval", "above zero"),
        (OTLPOptions(addresses: AddressPolicy(connectionAge: .seconds(-1))), "addresses.connectionAge", "above zero"),
        (OTLPOptions(addresses: AddressPolicy(answerTimeout: .zero)), "addresses.answerTimeout", "above zero"),
        (OTLPOptions(addresses: AddressPolicy(initialBackoff: .microseconds(999))), "addresses.initialBackoff", "a millisecond or more"),
        (OTLPOptions(addresses: AddressPolicy(maximumBackoff: .milliseconds(1))), "addresses.maximumBackoff", "at least the first one"),
    ]

    @Test(arguments: wrong.indices) func wrongSettingIsErrorOfTheStart(index: Int) throws {
        let (options, setting, expected) = Self.wrong[index]
        let error = #expect(throws: ConfigurationError.self) {
            try TelemetrySystem.start(spans: [.batch(.otlp(options: options))], environment: [:])
        }
        #expect(error?.setting == setting && error?.expected.contains(expected) == true, "\(String(describing: error))")
    }
}
