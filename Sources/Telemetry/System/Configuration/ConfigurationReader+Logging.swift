// Reads the logger provider.

extension ConfigurationReader {
    func loggerProvider(_ section: ConfigurationSection) -> TelemetryConfiguration.LoggerProvider {
        var provider = TelemetryConfiguration.LoggerProvider(
            processors: section.sections("processors", of: "log record processors", isRequired: true).compactMap(logProcessor))
        if let limits = section.section("limits") { provider.limits = closed(limits, attributeLimits) }
        provider.configurator = section.section("logger_configurator/development").map { configurator in
            closed(configurator) { scopeRules($0, list: "loggers", loggerConfiguration) }
        }
        return provider
    }

    private func logProcessor(_ section: ConfigurationSection) -> TelemetryConfiguration.LogProcessor? {
        guard let member = section.onlyMember(of: "log record processor: batch or simple") else { return nil }
        switch member.key {
        case "batch": return section.section("batch").flatMap { closed($0) { batch($0, scheduleDelay: .seconds(1)) } }.map { .batch($0) }
        case "simple": return section.section("simple").flatMap { closed($0, simple) }.map { .simple($0) }
        case "event_to_span_event_bridge/development":
            return section.section(member.key, isNullable: true).map { bridge in
                empty(bridge)
                return .spanEvents
            }
        default: return .component(component(member, section))
        }
    }

    private func loggerConfiguration(_ section: ConfigurationSection) -> LoggerConfiguration {
        LoggerConfiguration(
            isEnabled: section.boolean("enabled") ?? true, minimumSeverity: severity(section, "minimum_severity") ?? .unspecified,
            isTraceBased: section.boolean("trace_based") ?? false)
    }
}
