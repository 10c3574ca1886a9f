// Switches tracers on and off, by their scopes.

/// How a tracer behaves. (Specification: trace SDK, "TracerConfig", in development.)
public struct TracerConfiguration: Sendable, Hashable {
    /// A tracer that is not enabled records nothing and hands on the context of the parent.
    public var isEnabled: Bool

    public init(isEnabled: Bool = true) {
        self.isEnabled = isEnabled
    }
}

/// Says how the tracer of each scope behaves: asked when a tracer is made, and again for all tracers when it is replaced.
///
/// Give it to `TelemetrySystem.start`, and replace it while the program runs with `updateTracerConfigurator`. (Specification:
/// trace SDK, "TracerConfigurator", in development.)
public struct TracerConfigurator: Sendable {
    private let configure: @Sendable (InstrumentationScope) -> TracerConfiguration?

    /// Asks a closure, which should be quick; nil stands for the default, which is enabled.
    public init(_ configure: @escaping @Sendable (InstrumentationScope) -> TracerConfiguration?) {
        self.configure = configure
    }

    func configuration(of scope: InstrumentationScope) -> TracerConfiguration {
        configure(scope) ?? TracerConfiguration()
    }

    /// Enables every tracer.
    public static var enablingAll: TracerConfigurator { TracerConfigurator { _ in nil } }

    /// Disables the tracers with one of these names; `*` stands for any characters and `?` for one.
    public static func disabling(_ names: String...) -> TracerConfigurator {
        let patterns = names.map { NamePattern($0) }
        return TracerConfigurator { scope in
            TracerConfiguration(isEnabled: !patterns.contains { $0.matches(scope.name) })
        }
    }

    /// Disables all tracers but those with one of these names; `*` stands for any characters and `?` for one.
    public static func enablingOnly(_ names: String...) -> TracerConfigurator {
        let patterns = names.map { NamePattern($0) }
        return TracerConfigurator { scope in
            TracerConfiguration(isEnabled: patterns.contains { $0.matches(scope.name) })
        }
    }
}
