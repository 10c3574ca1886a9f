// A changed file is applied to a running system.

import Synchronization
import Testing

@testable import Telemetry

@Suite(.serialized, .enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct ConfigurationWatcherTests {
    private let directory: TemporaryDirectory
    private let spans = InMemorySpanExporter(capacity: 10_000_000)
    private let metrics = InMemoryMetricExporter()

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func write(
        sampler: String, level: String = "", views: String = "[{selector: {instrument_name: none}, stream: {}}]", watch: Bool = true
    )
        throws
    {
        let text = """
            file_format: "1.1"
            tracer_provider:
              processors: [{batch: {schedule_delay: 10, max_queue_size: 1000000, exporter: {memory: }}}]
              sampler: {\(sampler): }
              tracer_configurator/development: {tracers: [{name: quiet, config: {enabled: \(level != "loud")}}]}
            meter_provider:
              readers: [{periodic: {exporter: {memory: }}}]
              views: \(views)
            distribution: {swift-telemetry: {watch: \(watch)}}

            """
        try directory.write(Array(text.utf8), to: "otel.yaml")
    }

    private func components() throws -> ComponentProviders {
        var components = ComponentProviders()
        try components.register(spanExporter: "memory") { [spans] _ in spans }
        try components.register(metricExporter: "memory") { [metrics] _ in metrics }
        return components
    }

    private func started(_ sampler: (any Sampler)? = nil) throws -> TelemetrySystem {
        try TelemetrySystem.start(
            sampler: sampler, environment: ["OTEL_CONFIG_FILE": "\(directory.path)/otel.yaml"], components: try components())
    }

    @Test func changedSamplerAndConfiguratorApplyAndNoSpanIsLost() async throws {
        try write(sampler: "always_off")
        let telemetry = try started()
        let tracer = telemetry.tracer("shop")
        let isEnding = Atomic(false)
        let counted = Atomic(0)
        let spanning = Task.detached {
            while !isEnding.load(ordering: .relaxed) {
                let span = tracer.startSpan("x", parent: .root)
                if span.isRecording { counted.add(1, ordering: .relaxed) }
                span.end()
                await Task.yield()
            }
        }
        #expect(telemetry.tracer("quiet").isEnabled && counted.load(ordering: .relaxed) == 0)
        try write(sampler: "always_on", level: "loud")
        #expect(await eventually { counted.load(ordering: .relaxed) > 100 && !telemetry.tracer("quiet").isEnabled })
        // A file that cannot be used changes nothing.
        let messages = Locked<[String]>([])
        Diagnostics.setHandler { diagnostic in messages.withLock { $0.append(diagnostic.message) } }
        defer { Diagnostics.setHandler(nil) }
        try directory.write(Array("file_format: \"1.1\"\nlog_level: x\n".utf8), to: "otel.yaml")
        #expect(await eventually { messages.withLock { $0.contains { $0.contains("is not applied") } } })
        #expect(tracer.startSpan("probe", parent: .root).isRecording)
        try write(sampler: "always_off", level: "loud")
        #expect(await eventually { !tracer.startSpan("probe", parent: .root).isRecording })
        isEnding.store(true, ordering: .relaxed)
        await spanning.value
        #expect(await telemetry.shutdown(within: .seconds(60)) == .completed)
        #expect(spans.finishedSpans.count == counted.load(ordering: .relaxed))
        #expect(telemetry.health.pipelines.first?.dropped == [:])
    }

    @Test func changedViewsApplyToNewInstrumentsOnly() async throws {
        try write(sampler: "always_off")
        let telemetry = try started()
        let meter = telemetry.meter("shop")
        let before = meter.counter("debug.before")
        before.add(1)
        try write(sampler: "always_on", views: "[{selector: {instrument_name: \"debug.*\"}, stream: {aggregation: {drop: }}}]")
        // The views are replaced after the sampler.
        #expect(await eventually { telemetry.tracer("a").startSpan("x", parent: .root).isRecording })
        var number = 0
        func isDropped() async -> Bool {
            number += 1
            meter.counter("debug.\(number)").add(1)
            await telemetry.forceFlush(within: .seconds(60))
            return metrics.metric(named: "debug.\(number)") == nil
        }
        #expect(await eventually { await isDropped() })
        before.add(1)
        await telemetry.shutdown(within: .seconds(60))
        #expect(metrics.value(of: "debug.before")?.intValue == 2)
    }

    @Test func changeIsDueOnceTwoLooksHaveFoundIt() {
        var changes = StampChanges(1)
        // A file that is written in parts, one that goes away for a while, and one that is what it was.
        let looks: [Int?] = [1, 2, 3, 3, 3, nil, 4, nil, 4, 4, 5, 4, 4]
        #expect(looks.map { changes.isDue($0) } == [3, 9].reduce(into: Array(repeating: false, count: 13)) { $0[$1] = true })
        var new = StampChanges<Int>(nil)
        #expect([6, 6, 6].map { new.isDue($0) } == [false, true, false])
    }

    @Test func samplerOfCodeStaysInForce() async throws {
        try write(sampler: "always_on")
        let telemetry = try started(.alwaysOn)
        try write(sampler: "always_off", level: "loud")
        #expect(await eventually { !telemetry.tracer("quiet").isEnabled })
        #expect(telemetry.tracer("shop").startSpan("x", parent: .root).isRecording)
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func modelOfCodeStaysWhenTheFileChanges() async throws {
        try write(sampler: "always_off")
        var configuration = try TelemetryConfiguration.parse(file: "\(directory.path)/otel.yaml")
        configuration.tracerProvider?.sampler = .alwaysOn
        let telemetry = try TelemetrySystem.start(configuration: configuration, components: try components())
        try write(sampler: "always_off", level: "loud")
        #expect(await eventually { !telemetry.tracer("quiet").isEnabled })
        #expect(telemetry.tracer("shop").startSpan("x", parent: .root).isRecording)
        await telemetry.shutdown(within: .seconds(60))
    }

    @Test func replacedSamplerStopsItsBackgroundWork() {
        let (first, second) = (Background(), Background())
        let sampler = ReplaceableSampler(first)
        #expect(BackgroundSamplers.all(in: sampler).count == 1)
        sampler.start(resource: .empty, clock: .manual(ManualClock()))
        #expect(first.calls == ["start"] && second.calls == [])
        sampler.replace(second)
        #expect(first.calls == ["start", "stop"] && second.calls == ["start"])
        sampler.stop()
        #expect(first.calls == ["start", "stop"] && second.calls == ["start", "stop"])
        let third = Background()
        sampler.replace(third)
        #expect(!third.calls.contains("start"))
    }

    /// Notes when its work starts and stops.
    private final class Background: BackgroundSampler {
        private let noted = Locked<[String]>([])

        var calls: [String] { noted.withLock { $0 } }
        var description: String { "Background" }

        func decision(for request: borrowing SamplingRequest) -> SamplingDecision { AlwaysOnSampler().decision(for: request) }
        func start(resource: Resource, clock: TelemetryClock) { noted.withLock { $0.append("start") } }
        func stop() { noted.withLock { $0.append("stop") } }
    }
}
