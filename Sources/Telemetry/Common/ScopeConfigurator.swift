// Configurators of tracers, meters and loggers, by their scopes.

/// The configuration of the tracer, meter or logger of one scope.
public protocol ScopeConfiguration: Sendable, Hashable {
    /// Makes the default configuration.
    init()
    /// False turns the tracer, meter or logger into a no-op.
    var isEnabled: Bool { get set }
}

/// Says how the tracer, meter or logger of each scope behaves: asked when it is made, and again for all when it is replaced.
public struct ScopeConfigurator<Configuration: ScopeConfiguration>: Sendable {
    /// Nil if everything is enabled.
    private let configure: (@Sendable (InstrumentationScope) -> Configuration?)?

    private init() {
        configure = nil
    }

    /// Asks a closure, which should be quick; nil stands for the default, which is enabled.
    public init(_ configure: @escaping @Sendable (InstrumentationScope) -> Configuration?) {
        self.configure = configure
    }

    func configuration(of scope: InstrumentationScope) -> Configuration {
        configure?(scope) ?? Configuration()
    }

    /// Enables everything.
    public static var enablingAll: Self { Self() }

    /// True for ``enablingAll``, the default of what code leaves open.
    var enablesAll: Bool { configure == nil }

    /// Disables what has one of these names; `*` stands for any characters and `?` for one.
    public static func disabling(_ names: String...) -> Self {
        let patterns = names.map { NamePattern($0) }
        return Self { scope in configuration(enabled: !patterns.contains { $0.matches(scope.name) }) }
    }

    /// Disables all but what has one of these names; `*` stands for any characters and `?` for one.
    public static func enablingOnly(_ names: String...) -> Self {
        let patterns = names.map { NamePattern($0) }
        return Self { scope in configuration(enabled: patterns.contains { $0.matches(scope.name) }) }
    }

    private static func configuration(enabled isEnabled: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.isEnabled = isEnabled
        return configuration
    }
}
