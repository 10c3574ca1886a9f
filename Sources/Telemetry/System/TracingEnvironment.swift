// The environment variables of tracing: samplers, limits, exporters, propagators.

extension SpanLimits {
    /// Reads the limits; variables for spans take precedence over those for all attributes.
    init(_ environment: EnvironmentReader) {
        self.init(
            attributeCount: environment.limit("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT", default: 128) ?? 128,
            attributeValueLength: environment.limit(
                "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", default: nil),
            eventCount: environment.limit("OTEL_SPAN_EVENT_COUNT_LIMIT", default: 128) ?? 128,
            linkCount: environment.limit("OTEL_SPAN_LINK_COUNT_LIMIT", default: 128) ?? 128,
            eventAttributeCount: environment.limit("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT", default: 128) ?? 128,
            linkAttributeCount: environment.limit("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT", default: 128) ?? 128)
    }
}

extension EnvironmentReader {
    /// Returns the first limit that one of the variables sets, or else the default; nil means no limit.
    func limit(_ names: String..., default limit: Int?) -> Int? {
        let range = 0...Int(Int32.max)
        let use = limit.map { "\($0) is used" } ?? "there is no limit"
        return value(names[...], expected: { _ in "a whole number from 0 to \(range.upperBound)" }, else: (limit, use)) { text in
            guard let number = Int(text), range.contains(number) else { return nil }
            return .some(number)
        }
    }

    /// Returns what the names of a list select. With unknown names alone the default is used, with `none` alone nothing.
    ///
    /// - Parameters:
    ///   - known: the names besides `none`, for the report of unknown ones.
    ///   - select: returns what a name selects; nil for an unknown one.
    func selection<Element>(
        _ variable: String, of known: String, default standard: String, _ select: (String) -> Element?
    ) -> [Element] {
        let names = (list(variable) ?? [standard]).filter { $0 != "none" }
        var selected: [Element] = []
        var unknown: [String] = []
        for name in names {
            if let element = select(name) { selected.append(element) } else { unknown.append(name) }
        }
        guard !unknown.isEmpty else { return selected }
        let fallsBack = selected.isEmpty && list(variable)?.contains("none") == false
        if fallsBack, let element = select(standard) { selected.append(element) }
        // One report has all names, since several reports for one variable are rate-limited to the first.
        report(
            variable, unknown.joined(separator: ","), expected: "\(known), several separated by commas, or none",
            used: fallsBack ? "\(standard) is used" : "only the others are used")
        return selected
    }
}

enum TracingEnvironment {
    /// Returns the sampler of `OTEL_TRACES_SAMPLER` and `OTEL_TRACES_SAMPLER_ARG`.
    ///
    /// - Parameter clock: that of a rate.
    static func sampler(_ environment: EnvironmentReader, clock: TelemetryClock = .system) -> any Sampler {
        let standard = "parentbased_always_on"
        let name = environment.text("OTEL_TRACES_SAMPLER")
        switch name?.lowercased() {
        case "traceidratio": return .ratio(share(environment))
        case "parentbased_traceidratio": return .parentBased(.ratio(share(environment)))
        case "jaeger_remote": return jaegerRemote(environment)
        case "ratelimited": return rateLimited(environment, clock)
        case "parentbased_ratelimited": return .parentBased(rateLimited(environment, clock))
        case "parentbased_jaeger_remote": return .parentBased(jaegerRemote(environment))
        default: break
        }
        reportUnusedArgument(environment, of: name)
        switch name?.lowercased() {
        case nil, standard: return .parentBased(.alwaysOn)
        case "always_on": return .alwaysOn
        case "always_off": return .alwaysOff
        case "parentbased_always_off": return .parentBased(.alwaysOff)
        default:
            environment.report(
                "OTEL_TRACES_SAMPLER", name ?? "",
                expected: "always_on, always_off, traceidratio, ratelimited, jaeger_remote, or one of them after parentbased_",
                used: "\(standard) is used")
            return .parentBased(.alwaysOn)
        }
    }

    private static let samplerArgument = "OTEL_TRACES_SAMPLER_ARG"

    private static func share(_ environment: EnvironmentReader) -> Double {
        environment.number(samplerArgument, in: 0...1, default: 1, meaning: "every trace is kept")
    }

    /// The argument is the spans of a second, a hundred without one.
    private static func rateLimited(_ environment: EnvironmentReader, _ clock: TelemetryClock) -> RateLimitedSampler {
        let rate = environment.number(samplerArgument, in: 0...1e9, default: 100, meaning: "100 spans a second are kept")
        return RateLimitedSampler(rate, burst: nil, clock: clock)
    }

    /// Reports an argument that the sampler does not take.
    private static func reportUnusedArgument(_ environment: EnvironmentReader, of sampler: String?) {
        guard let argument = environment.text(samplerArgument) else { return }
        let reason = sampler.map { "the sampler \($0) takes none" } ?? "OTEL_TRACES_SAMPLER is not set, and parentbased_always_on is used"
        Diagnostics.report(
            .warning, topic: "environment.\(samplerArgument)",
            "\(samplerArgument): \"\(argument)\" has no effect, since \(reason); OTEL_TRACES_SAMPLER=parentbased_traceidratio takes a share."
        )
    }

    /// Parses `endpoint=…,pollingIntervalMs=…,initialSamplingRate=…`; an error invalidates the whole argument, and an empty part counts
    /// as not set.
    private static func jaegerRemote(_ environment: EnvironmentReader) -> JaegerRemoteSampler {
        var endpoint = "http://localhost:5778/sampling"
        var interval = Duration.seconds(60)
        var share = 0.001
        let names = ["endpoint", "pollingIntervalMs", "initialSamplingRate"]
        for (name, value) in environment.pairs(samplerArgument) ?? [] {
            let expected: String
            switch name {
            case _ where value.trimmingWhiteSpace().isEmpty && names.contains(name): continue
            case "endpoint":
                endpoint = value
                if HTTPURL(value) != nil { continue }
                expected = "endpoint to be a URL as http://localhost:5778/sampling"
            case "pollingIntervalMs":
                interval = .milliseconds(Int64(value) ?? 0)
                if interval > .zero { continue }
                expected = "pollingIntervalMs to be a whole number above 0"
            case "initialSamplingRate":
                share = Double(value) ?? -1
                if (0...1).contains(share) { continue }
                expected = "initialSamplingRate to be a number from 0 to 1"
            default: expected = "endpoint, pollingIntervalMs and initialSamplingRate only"
            }
            environment.report(samplerArgument, "\(name)=\(value)", expected: expected, used: "the whole variable is left out")
            return .jaegerRemote()
        }
        return .jaegerRemote(endpoint: endpoint, every: interval, initial: .ratio(share))
    }

    /// Returns the processors selected by `OTEL_TRACES_EXPORTER`.
    static func processors(_ environment: EnvironmentReader) -> [any SpanProcessor] {
        environment.selection("OTEL_TRACES_EXPORTER", of: "otlp, otlp/stdout or console", default: "otlp") { name in
            switch name {
            case "otlp": .batch(.otlp())
            case "otlp/stdout": .batch(.otlpFile(.standardOutput))
            case "console": .console()
            default: nil
            }
        }
    }

    /// Returns the propagators of `OTEL_PROPAGATORS`; the defaults if it has no known name.
    static func propagator(_ environment: EnvironmentReader) -> any Propagator {
        let standard: any Propagator = .composite([.traceContext, .baggage])
        guard let names = environment.words("OTEL_PROPAGATORS") else { return standard }
        var propagators: [any Propagator] = []
        var unknown: [String] = []
        var isNone = false
        for name in names {
            switch name.lowercased() {
            case "tracecontext": propagators.append(.traceContext)
            case "baggage": propagators.append(.baggage)
            case "b3": propagators.append(.b3)
            case "b3multi": propagators.append(.b3Multi)
            case "jaeger": propagators.append(.jaeger)
            case "xray": propagators.append(.xray)
            case "none": isNone = true
            default: unknown.append(name)
            }
        }
        if !unknown.isEmpty {
            let fallsBack = propagators.isEmpty && !isNone
            // One report has all names, since several reports for one variable are rate-limited to the first.
            environment.report(
                "OTEL_PROPAGATORS", unknown.joined(separator: ","),
                expected: "tracecontext, baggage, b3, b3multi, jaeger, xray or none, several separated by commas",
                used: fallsBack ? "tracecontext and baggage are used" : "only the others are used")
        }
        if isNone { return .composite([]) }
        return propagators.isEmpty ? standard : .composite(propagators)
    }
}
