// Checks and shows a configuration without starting anything.

extension TelemetryConfiguration {
    /// Checks what the configuration names, as a start does: certificates, libraries, registered components. Nothing is started.
    ///
    /// - Throws: ``ConfigurationError`` with all that cannot be used.
    public func check(components: ComponentProviders = ComponentProviders()) throws(ConfigurationError) {
        try ConfiguredSettings(self, components, .process).check("configuration")
    }

    /// Returns what the configuration makes run, in lines of at most that many characters where words allow it; secrets are masked.
    public func summary(width: Int = 80) -> String { ConfigurationSummary(self, width: width).text }

    /// Returns what cannot be used, and what should be known. A component that only code can register is no error.
    package func review() -> (errors: [ConfigurationProblem], warnings: [ConfigurationProblem]) {
        let configured = ConfiguredSettings(self, ComponentProviders(), .process)
        return (configured.errors, warnings + configured.warnings + configured.unregistered)
    }
}
