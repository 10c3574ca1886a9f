// The guide to configuration files: each of its files is loaded, and each of its examples stands here word for word and is run.

import Foundation
import Synchronization
import Testing

@testable import Telemetry

@Suite(.serialized, .enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct ConfigurationGuideTests {
    private static let section = "Configuration files"

    private final class QueueExporter: SpanExporter {
        static let made = Mutex<[String]>([])
        init(topic: String, partitions: Int) { Self.made.withLock { $0.append("\(topic) \(partitions)") } }
        func export(_ batch: SpanBatch, deadline: Deadline) async throws(ExportFailure) {}
        func shutdown(deadline: Deadline) async -> FlushResult { .completed }
    }

    @Test func everyExampleOfTheGuideIsInThisFile() throws {
        let examples = try GuideExamples("Configuration.md", section: Self.section)
        #expect(examples.blocks.count == 2)
        #expect(try examples.missing(in: #filePath) == [])
    }

    @Test func parametersOfStartStandInTheOrderOfTheGuide() throws {
        let examples = try GuideExamples("Configuration.md", section: "Parameters of start")
        #expect(examples.blocks.count == 1)
        #expect(try examples.missing(in: #filePath) == [])
    }

    /// Returns the files of the guide with their indentation.
    private static func files() throws -> [String] {
        let page = SourceTree.root.appending(path: "Documentation/Configuration.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let start = try #require(text.firstRange(of: "\n## \(section)\n"))
        let rest = text[start.upperBound...]
        let end = rest.firstRange(of: "\n## ")?.lowerBound ?? rest.endIndex
        return rest[..<end].split(separator: "```yaml\n").dropFirst().map { String($0.prefix { $0 != "`" }) }
    }

    @Test func completeFileOfTheGuideCanBeUsed() throws {
        let files = try Self.files()
        #expect(files.count == 2)
        let environment = ["API_KEY": "secret", "SHARE": "0.5"]
        let configuration = try TelemetryConfiguration.parse(try #require(files.first), format: .yaml, environment: environment)
        #expect(configuration.warnings.isEmpty && configuration.review().errors.isEmpty)
        #expect(configuration.tracerProvider?.sampler == .parentBased(.init(root: .ratio(0.5))))
        #expect(configuration.distribution.watchesFile && configuration.resource.attributes.map(\.value) == ["album-store"])
        #expect(configuration.instrumentation.httpServer.requestHeaders == ["x-request-id"])
        #expect(!configuration.summary().contains("secret") && configuration.summary().contains("api-key=***"))
        #expect(configuration.summary().split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func configurationIsChangedInCode() async throws {
        let file = "file_format: \"1.1\"\ntracer_provider: {processors: [{simple: {exporter: {console: }}}]}\n"
        let directory = try TemporaryDirectory()
        try directory.write(Array(file.utf8), to: "otel.yaml")
        var configuration = try TelemetryConfiguration.parse(file: "\(directory.path)/otel.yaml")
        configuration.tracerProvider?.sampler = .parentBased(.init(root: .ratio(0.1)))
        configuration.resource.attributes.append(.init(name: "deployment.environment.name", value: "staging"))
        let telemetry = try TelemetrySystem.start(configuration: configuration)
        #expect(telemetry.resource.attributes["deployment.environment.name"] == "staging")
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func componentOfTheGuideIsMadeOfItsProperties() async throws {
        let directory = try TemporaryDirectory()
        try directory.write(Array(try #require(try Self.files().last).utf8), to: "otel.yaml")
        var components = ComponentProviders()
        try components.register(spanExporter: "queue") { properties in
            QueueExporter(topic: try properties.text("topic") ?? "spans", partitions: try properties.integer("partitions") ?? 1)
        }
        let started = try TelemetrySystem.start(
            environment: ["OTEL_CONFIG_FILE": "\(directory.path)/otel.yaml"], components: components)
        await started.shutdown(within: .seconds(60))
        #expect(QueueExporter.made.withLock { $0 } == ["albums 3"])
    }

    /// The examples as they stand in the guide; their variables and files are not there while tests run.
    private static func examples() throws {
        func started() throws {
            let telemetry = try TelemetrySystem.start(
                resource: .service("album-store"), resourceIsComplete: false, detectors: [], sampler: .parentBased(.alwaysOn),
                spans: [.batch(.otlp())], spanOptions: SpanOptions(), propagators: [.traceContext, .baggage],
                metrics: [.periodic(.otlp())], views: [], metricOptions: MetricOptions(),
                logs: [.batch(.otlp())], logOptions: LogOptions(), selfMetrics: false, clock: .system, environment: [:],
                components: ComponentProviders())
            _ = telemetry
        }
        func changed() throws {
            var configuration = try TelemetryConfiguration.parse(file: "/etc/otel.yaml")
            configuration.tracerProvider?.sampler = .parentBased(.init(root: .ratio(0.1)))
            configuration.resource.attributes.append(.init(name: "deployment.environment.name", value: "staging"))
            let telemetry = try TelemetrySystem.start(configuration: configuration)
            _ = telemetry
        }
        func registered() throws {
            var components = ComponentProviders()
            try components.register(spanExporter: "queue") { properties in
                QueueExporter(topic: try properties.text("topic") ?? "spans", partitions: try properties.integer("partitions") ?? 1)
            }
            let telemetry = try TelemetrySystem.start(components: components)
            _ = telemetry
        }
    }
}
