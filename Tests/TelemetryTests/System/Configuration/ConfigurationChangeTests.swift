// What of a changed configuration is applied, and what needs a restart.

import Synchronization
import Testing

@testable import Telemetry

@Suite(.enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct ConfigurationChangeTests {
    private static let base = """
        file_format: "1.1"
        tracer_provider: {processors: [{simple: {exporter: {console: }}}], sampler: {always_off: }}
        meter_provider: {readers: [{periodic: {exporter: {console: }}}]}
        logger_provider: {processors: [{simple: {exporter: {console: }}}]}

        """

    private func parsed(_ text: String) throws -> TelemetryConfiguration {
        try TelemetryConfiguration.parse(text, format: .yaml, name: "a", environment: [:])
    }

    private final class Received: Sendable {
        let parts = Mutex<[String]>([])
        func add(_ part: String) { parts.withLock { $0.append(part) } }
    }

    private func targets(_ received: Received, _ sampler: ReplaceableSampler?) -> ConfigurationTargets {
        ConfigurationTargets(
            sampler: sampler, updateTracers: { _ in received.add("tracers") }, updateMeters: { _ in received.add("meters") },
            updateLoggers: { _ in received.add("loggers") }, updateViews: { received.add("\($0.count) views") })
    }

    @Test func samplerConfiguratorsAndViewsAreApplied() throws {
        let received = Received()
        let sampler = ReplaceableSampler(.alwaysOff)
        let changed = try parsed(
            """
            file_format: "1.1"
            tracer_provider:
              processors: [{simple: {exporter: {console: }}}]
              sampler: {trace_id_ratio_based: {ratio: 0.5}}
              tracer_configurator/development: {tracers: [{name: a, config: {enabled: false}}]}
            meter_provider:
              readers: [{periodic: {exporter: {console: }}}]
              views: [{selector: {}, stream: {aggregation: {drop: }}}]
              meter_configurator/development: {default_config: {enabled: false}}
            logger_provider:
              processors: [{simple: {exporter: {console: }}}]
              logger_configurator/development: {default_config: {minimum_severity: warn}}

            """)
        let change = try ConfigurationChange(from: parsed(Self.base), to: changed, targets(received, sampler), ComponentProviders())
        #expect(received.parts.withLock { $0 } == ["tracers", "1 views", "meters", "loggers"])
        #expect(change.applied.count == 5 && change.needingRestart.isEmpty && change.running == changed)
        #expect(sampler.description.contains("0.5"))
        // The same again is no change.
        let again = try ConfigurationChange(from: change.running, to: changed, targets(received, sampler), ComponentProviders())
        #expect(again.applied.isEmpty && again.needingRestart.isEmpty && received.parts.withLock { $0.count } == 4)
    }

    @Test func otherChangesNeedARestart() throws {
        let received = Received()
        let changed = try parsed(
            """
            file_format: "1.1"
            disabled: true
            attribute_limits: {attribute_count_limit: 1}
            resource: {attributes: [{name: a, value: b}]}
            propagator: {composite: [{b3: }]}
            tracer_provider: {processors: [{batch: {exporter: {console: }}}], sampler: {always_off: }, limits: {event_count_limit: 1}, id_generator: {own: }}
            meter_provider: {readers: [{periodic: {interval: 7, exporter: {console: }}}], exemplar_filter: always_on}
            logger_provider: {processors: [{batch: {exporter: {console: }}}], limits: {attribute_count_limit: 1}}
            instrumentation/development: {general: {http: {server: {request_captured_headers: [accept]}}}}
            distribution: {swift-telemetry: {watch: true}}

            """)
        let running = try parsed(Self.base)
        let change = try ConfigurationChange(from: running, to: changed, targets(received, nil), ComponentProviders())
        #expect(
            change.needingRestart == [
                "disabled", "attribute_limits", "resource", "propagator", "instrumentation/development", "distribution",
                "tracer_provider.processors", "tracer_provider.limits", "tracer_provider.id_generator", "meter_provider.readers",
                "meter_provider.exemplar_filter",
                "logger_provider.processors", "logger_provider.limits",
            ])
        #expect(change.applied.isEmpty && change.running == running && received.parts.withLock { $0 }.isEmpty)
        let gone = try ConfigurationChange(
            from: running, to: parsed("file_format: \"1.1\"\n"), targets(received, nil), ComponentProviders())
        #expect(gone.needingRestart == ["tracer_provider", "meter_provider", "logger_provider"])
    }

    @Test func whatCodeHasSetIsNotReplaced() throws {
        let changed = try parsed(Self.base.replacing("always_off", with: "always_on"))
        let change = try ConfigurationChange(from: parsed(Self.base), to: changed, ConfigurationTargets(), ComponentProviders())
        #expect(change.applied.isEmpty && change.needingRestart.isEmpty && change.keptByCode == ["tracer_provider.sampler"])
    }

    @Test func whatCodeHasChangedInTheModelIsNotReplaced() throws {
        let received = Received()
        var started = try parsed(Self.base)
        let original = try #require(started.original.first)
        started.tracerProvider?.sampler = .alwaysOn
        started.meterProvider?.views = [.init()]
        started.logLevel = .debug
        let sampler = ReplaceableSampler(.alwaysOn)
        let kept = targets(received, sampler).keeping(started, changedFrom: original)
        #expect(kept.sampler == nil && kept.updateViews == nil && !kept.takesLogLevel && kept.updateTracers != nil)
        let same = try ConfigurationChange(from: original, to: parsed(Self.base), kept, ComponentProviders())
        #expect(same.applied.isEmpty && same.needingRestart.isEmpty && same.keptByCode.isEmpty)
        let changed = try parsed("log_level: warn\n" + Self.base.replacing("{always_off: }", with: "{trace_id_ratio_based: {ratio: 0.5}}"))
        let change = try ConfigurationChange(from: original, to: changed, kept, ComponentProviders())
        #expect(change.applied.isEmpty && change.keptByCode == ["log_level", "tracer_provider.sampler"])
        #expect(sampler.description == AlwaysOnSampler().description && received.parts.withLock { $0 }.isEmpty)
    }

    @Test func changeWithAnUnregisteredSamplerIsRefusedWhole() throws {
        let received = Received()
        let text = Self.base.replacing("{always_off: }", with: "{mine: }").replacing(
            "{periodic: {exporter: {console: }}}]", with: "{periodic: {exporter: {console: }}}], views: [{selector: {}, stream: {}}]")
        let changed = try parsed(text)
        let error = try #require(throws: ConfigurationError.self) {
            try ConfigurationChange(
                from: parsed(Self.base), to: changed, targets(received, ReplaceableSampler(.alwaysOff)), ComponentProviders())
        }
        #expect(error.problems.first?.property == "tracer_provider.sampler.mine" && received.parts.withLock { $0 }.isEmpty)
    }
}
