// Refuses wrong calls of loggers by messages that say what to write.

extension TelemetryLogger {
    /// Refuses a bare array or map of several types; see ``MixedAttributeLiteral``.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public func log(
        _ severity: LogSeverity, _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> MixedAttributeLiteral,
        eventName: String = "", exception: (any Error)? = nil
    ) {}

    /// Refuses a bare array or map of several types; see ``MixedAttributeLiteral``.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public func trace(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> MixedAttributeLiteral, eventName: String = "",
        exception: (any Error)? = nil
    ) {}

    /// Refuses a bare array or map of several types; see ``MixedAttributeLiteral``.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public func debug(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> MixedAttributeLiteral, eventName: String = "",
        exception: (any Error)? = nil
    ) {}

    /// Refuses a bare array or map of several types; see ``MixedAttributeLiteral``.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public func info(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> MixedAttributeLiteral, eventName: String = "",
        exception: (any Error)? = nil
    ) {}

    /// Refuses a bare array or map of several types; see ``MixedAttributeLiteral``.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public func warn(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> MixedAttributeLiteral, eventName: String = "",
        exception: (any Error)? = nil
    ) {}

    /// Refuses a bare array or map of several types; see ``MixedAttributeLiteral``.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public func error(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> MixedAttributeLiteral, eventName: String = "",
        exception: (any Error)? = nil
    ) {}

    /// Refuses a bare array or map of several types; see ``MixedAttributeLiteral``.
    @_disfavoredOverload
    @available(*, unavailable, message: "An array or a map of several types is written .array([…]) or .map([…]), of convertible values.")
    public func fatal(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> MixedAttributeLiteral, eventName: String = "",
        exception: (any Error)? = nil
    ) {}

    /// Refuses the name that swift-log has.
    @available(*, unavailable, renamed: "warn(_:_:eventName:exception:)")
    public func warning(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {}

    /// Refuses the name that swift-log has.
    @available(*, unavailable, renamed: "fatal(_:_:eventName:exception:)")
    public func critical(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {}

    /// Refuses the name that swift-log has.
    @available(*, unavailable, message: "The severity of a notice is .info2: log(.info2, message).")
    public func notice(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {}
}
