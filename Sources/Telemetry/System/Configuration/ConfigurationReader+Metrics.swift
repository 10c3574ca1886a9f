// Reads the meter provider.

extension ConfigurationReader {
    func meterProvider(_ section: ConfigurationSection) -> TelemetryConfiguration.MeterProvider {
        var provider = TelemetryConfiguration.MeterProvider(
            readers: section.sections("readers", of: "metric readers", isRequired: true).compactMap(reader))
        provider.views = section.sections("views", of: "views with selector and stream").map { closed($0, view) }
        provider.exemplarFilter =
            section.choice("exemplar_filter", ["trace_based": .traceBased, "always_on": .alwaysOn, "always_off": .alwaysOff]) ?? .traceBased
        provider.configurator = section.section("meter_configurator/development").map { configurator in
            closed(configurator) { scopeRules($0, list: "meters", switched) }
        }
        return provider
    }

    private func reader(_ section: ConfigurationSection) -> TelemetryConfiguration.Reader? {
        guard let member = section.onlyMember(of: "metric reader: periodic or pull") else { return nil }
        switch member.key {
        case "periodic": return section.section("periodic").flatMap { closed($0, periodic) }.map { .periodic($0) }
        case "pull": return section.section("pull").flatMap { closed($0, pull) }.map { .pull($0) }
        default:
            problems.fail(section.path(of: member.key), "\"\(member.key)\" is unknown; expected periodic or pull")
            return nil
        }
    }

    private func periodic(_ section: ConfigurationSection) -> TelemetryConfiguration.Periodic? {
        let exporter = metricExporter(section)
        // Read even if there is no exporter, so that all problems are told.
        var reader = TelemetryConfiguration.Periodic(exporter ?? .init(.console))
        reader.interval = section.milliseconds("interval", atLeast: 1) ?? reader.interval
        reader.timeout = section.milliseconds("timeout") ?? reader.timeout
        reader.maxExportBatchSize = section.integer("max_export_batch_size/development", in: 1...Int.max, "points")
        reader.producers = producers(section)
        if let limits = section.section("cardinality_limits") { reader.cardinalityLimits = closed(limits, cardinalityLimits) }
        return exporter == nil ? nil : reader
    }

    private func metricExporter(_ section: ConfigurationSection) -> TelemetryConfiguration.MetricExporter? {
        let expected = "an exporter: otlp_http, otlp_grpc, console"
        guard let exporters = section.requiredSection("exporter", expected), let member = exporters.onlyMember(of: "exporter") else {
            return nil
        }
        var temporality: TemporalityPreference?
        var isExponential: Bool?
        let exporter = exporter(member, exporters) { section in
            temporality = section.choice(
                "temporality_preference", ["cumulative": .cumulative, "delta": .delta, "low_memory": .lowMemory])
            isExponential = section.choice(
                "default_histogram_aggregation", ["explicit_bucket_histogram": false, "base2_exponential_bucket_histogram": true])
        }
        guard let exporter else { return nil }
        var preferring = TelemetryConfiguration.MetricExporter(exporter)
        preferring.temporality = temporality ?? .cumulative
        preferring.prefersExponentialHistograms = isExponential ?? false
        return preferring
    }

    private func producers(_ section: ConfigurationSection) -> [TelemetryConfiguration.Component] {
        components(section, "producers", of: "metric producers", known: [])
    }

    private func pull(_ section: ConfigurationSection) -> TelemetryConfiguration.Pull? {
        let exporter = pullExporter(section)
        var reader = TelemetryConfiguration.Pull(exporter ?? .prometheus(.init()))
        reader.producers = producers(section)
        if let limits = section.section("cardinality_limits") { reader.cardinalityLimits = closed(limits, cardinalityLimits) }
        return exporter == nil ? nil : reader
    }

    private func pullExporter(_ section: ConfigurationSection) -> TelemetryConfiguration.PullExporter? {
        let expected = "an exporter: prometheus/development"
        guard let exporters = section.requiredSection("exporter", expected), let member = exporters.onlyMember(of: "exporter") else {
            return nil
        }
        guard member.key == "prometheus/development" else { return .component(component(member, exporters)) }
        return exporters.section(member.key, isNullable: true).map { .prometheus(closed($0, prometheus)) }
    }

    private func prometheus(_ section: ConfigurationSection) -> TelemetryConfiguration.Prometheus {
        var prometheus = TelemetryConfiguration.Prometheus()
        prometheus.host = section.text("host") ?? prometheus.host
        prometheus.port = section.integer("port", in: 0...65_535) ?? prometheus.port
        prometheus.includesScopeLabels = section.boolean("scope_info_enabled") ?? true
        prometheus.includesTargetInfo = section.boolean("target_info_enabled/development") ?? true
        prometheus.resourceLabels = section.section("resource_constant_labels").map { closed($0, nameSelection) }
        let strategies: KeyValuePairs<String, PrometheusTranslationStrategy> = [
            "underscore_escaping_with_suffixes": .underscoreEscapingWithSuffixes,
            "underscore_escaping_without_suffixes/development": .underscoreEscapingWithoutSuffixes,
            "no_utf8_escaping_with_suffixes/development": .noUTF8EscapingWithSuffixes, "no_translation/development": .noTranslation,
        ]
        prometheus.translationStrategy = section.choice("translation_strategy", strategies) ?? prometheus.translationStrategy
        return prometheus
    }

    private static let kinds: KeyValuePairs<String, InstrumentKind> = [
        "counter": .counter, "gauge": .gauge, "histogram": .histogram, "observable_counter": .observableCounter,
        "observable_gauge": .observableGauge, "observable_up_down_counter": .observableUpDownCounter, "up_down_counter": .upDownCounter,
    ]

    private func cardinalityLimits(_ section: ConfigurationSection) -> TelemetryConfiguration.CardinalityLimits {
        var limits = TelemetryConfiguration.CardinalityLimits()
        limits.standard = section.integer("default", in: 1...Int.max, "series") ?? limits.standard
        for (name, kind) in Self.kinds { limits.byKind[kind] = section.integer(name, in: 1...Int.max, "series") }
        return limits
    }

    // MARK: Views

    private func view(_ section: ConfigurationSection) -> TelemetryConfiguration.View {
        var view = TelemetryConfiguration.View()
        if let selector = section.requiredSection("selector", "which instruments the view changes, as instrument_name: \"http.*\"") {
            view.instrumentName = selector.text("instrument_name")
            view.instrumentKind = selector.choice("instrument_type", Self.kinds)
            view.unit = selector.text("unit")
            view.meterName = selector.text("meter_name")
            view.meterVersion = selector.text("meter_version")
            view.meterSchemaURL = selector.text("meter_schema_url")
            selector.finish()
        }
        if let stream = section.requiredSection("stream", "what becomes of the instruments, as aggregation") {
            view.name = stream.text("name")
            view.description = stream.text("description")
            view.aggregation = stream.section("aggregation").flatMap { aggregation($0) }
            view.cardinalityLimit = stream.integer("aggregation_cardinality_limit", in: 1...Int.max, "series")
            view.attributeKeys = stream.section("attribute_keys").map { closed($0, nameSelection) }
            stream.finish()
            let isOneName = view.instrumentName.map { !$0.contains("*") && !$0.contains("?") } ?? false
            if view.name != nil, !isOneName {
                problems.fail(
                    stream.path(of: "name"), "several instruments may get this name; expected a selector with one whole instrument_name")
            }
        }
        return view
    }

    private func aggregation(_ section: ConfigurationSection) -> Aggregation? {
        guard let member = section.onlyMember(of: "aggregation") else { return nil }
        func builtIn(_ read: (ConfigurationSection) -> Aggregation?) -> Aggregation? {
            section.section(member.key, isNullable: true).flatMap { closed($0, read) }
        }
        switch member.key {
        case "default": return builtIn { _ in .default }
        case "drop": return builtIn { _ in .drop }
        case "sum": return builtIn { _ in .sum }
        case "last_value": return builtIn { _ in .lastValue }
        case "explicit_bucket_histogram": return builtIn(explicitHistogram)
        case "base2_exponential_bucket_histogram":
            return builtIn { section in
                .exponentialHistogram(
                    maxSize: section.integer("max_size", in: 2...16384, "buckets") ?? 160,
                    maxScale: section.integer("max_scale", in: -10...20) ?? 20, recordsMinMax: section.boolean("record_min_max") ?? true)
            }
        default:
            let expected = "default, drop, sum, last_value, explicit_bucket_histogram or base2_exponential_bucket_histogram"
            problems.fail(section.path(of: member.key), "\"\(member.key)\" is unknown; expected \(expected)")
            return nil
        }
    }

    private func explicitHistogram(_ section: ConfigurationSection) -> Aggregation? {
        let recordsMinMax = section.boolean("record_min_max") ?? true
        guard section.keys.contains("boundaries") else { return .explicitBucketHistogram(recordsMinMax: recordsMinMax) }
        var boundaries: [Double] = []
        for (node, path) in section.list("boundaries", of: "numbers", mayBeEmpty: true) {
            switch node.content {
            case .integer(let number): boundaries.append(Double(number))
            case .number(let number): boundaries.append(number)
            default: problems.fail("\(node.noun) cannot be used; expected a number, without quotes", at: node.place, property: path)
            }
        }
        if !Aggregation.areValid(boundaries) {
            problems.fail(
                section.path(of: "boundaries"), "the boundaries do not increase; expected finite numbers, each greater than the one before")
            return nil
        }
        return .explicitBucketHistogram(boundaries: boundaries, recordsMinMax: recordsMinMax)
    }
}
