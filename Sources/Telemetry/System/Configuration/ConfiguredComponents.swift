// Makes the components that programs register.

/// Makes registered components, and tells those that are not registered, or cannot be made.
///
/// It is used by one call on one thread.
final class ConfiguredComponents {
    let providers: ComponentProviders
    let problems: ConfigurationProblems
    /// Components that code must register.
    private(set) var unregistered: [ConfigurationProblem] = []

    init(_ providers: ComponentProviders, _ problems: ConfigurationProblems) {
        self.providers = providers
        self.problems = problems
    }

    /// Returns a component; nil if it cannot be made, which is told.
    ///
    /// - Parameters:
    ///   - what: the kind of the component, for messages.
    ///   - label: the label of the method that registers such a component.
    ///   - builtIn: the names that need no registration.
    ///   - path: the property that names it.
    func make<Component>(
        _ component: TelemetryConfiguration.Component, _ what: String, _ label: String,
        from registered: [String: ComponentProviders.Provider<Component>], builtIn: [String], path: String
    ) -> Component? {
        guard let provider = registered[component.name] else {
            guard unregistered.count < ConfigurationLimits.problems else { return nil }
            let known = builtIn + registered.keys.sorted()
            let near = NearName.of(component.name, among: known).map { "; did you mean \"\($0)\"?" }
            let names = known.isEmpty ? "" : "\(known.joined(separator: ", ")), or "
            let message =
                "there is no \(what) \"\(component.name)\"; expected \(names)a name that code registers with register(\(label):)\(near ?? "")"
            let place = problems.place(of: path)
            let problem = ConfigurationProblem(
                file: problems.file, line: place?.line, column: place?.column, property: path, message: message)
            // A name that is nearly a built-in one is a mistake, whatever code registers.
            if near == nil { unregistered.append(problem) } else { problems.fail(path, message) }
            return nil
        }
        do {
            return try provider(component.properties)
        } catch let error as ConfigurationError {
            let isProperty = error.setting.hasPrefix(path)
            problems.fail(
                isProperty ? error.setting : path,
                // The value may be a secret.
                isProperty
                    ? "\(component.properties.kind(at: error.setting) ?? "the value") cannot be used; expected \(error.expected)"
                    : "the \(what) cannot be made: \(error)")
        } catch {
            problems.fail(path, "the \(what) cannot be made: \(error)")
        }
        return nil
    }
}
