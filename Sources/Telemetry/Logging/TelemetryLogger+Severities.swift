// Hot: a method for each severity.

extension TelemetryLogger {
    /// Logs a message of any severity; the other methods are this one with the severity in their names.
    ///
    /// Message and attributes are evaluated only if the record passes, so that a disabled call costs next to nothing.
    ///
    /// - Parameters:
    ///   - severity: how severe it is.
    ///   - message: a readable sentence, best the same each time, with what varies in the attributes.
    ///   - attributes: what varies.
    ///   - eventName: names the kind of event, if it is one.
    ///   - exception: an error that this is about; its type and message become attributes, unless there are such ones.
    public func log(
        _ severity: LogSeverity, _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> AttributeLiteral = [:],
        eventName: String = "", exception: (any Error)? = nil
    ) {
        write(severity, message, { attributes().attributes }, eventName, exception)
    }

    /// Logs a message of any severity, with attributes of any convertible type.
    @_disfavoredOverload
    public func log(
        _ severity: LogSeverity, _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes,
        eventName: String = "", exception: (any Error)? = nil
    ) {
        write(severity, message, attributes, eventName, exception)
    }

    /// Logs a step that is of use only while looking for a fault.
    @inlinable
    public func trace(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> AttributeLiteral = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {
        if admits(.trace) { write(.trace, message, { attributes().attributes }, eventName, exception) }
    }

    /// Logs a step that is of use only while looking for a fault, with attributes of any convertible type.
    @inlinable @_disfavoredOverload
    public func trace(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes, eventName: String = "",
        exception: (any Error)? = nil
    ) {
        if admits(.trace) { write(.trace, message, attributes, eventName, exception) }
    }

    /// Logs what is of use while looking for a fault.
    @inlinable
    public func debug(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> AttributeLiteral = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {
        if admits(.debug) { write(.debug, message, { attributes().attributes }, eventName, exception) }
    }

    /// Logs what is of use while looking for a fault, with attributes of any convertible type.
    @inlinable @_disfavoredOverload
    public func debug(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes, eventName: String = "",
        exception: (any Error)? = nil
    ) {
        if admits(.debug) { write(.debug, message, attributes, eventName, exception) }
    }

    /// Logs that something happened as it should.
    @inlinable
    public func info(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> AttributeLiteral = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {
        if admits(.info) { write(.info, message, { attributes().attributes }, eventName, exception) }
    }

    /// Logs that something happened as it should, with attributes of any convertible type.
    @inlinable @_disfavoredOverload
    public func info(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes, eventName: String = "",
        exception: (any Error)? = nil
    ) {
        if admits(.info) { write(.info, message, attributes, eventName, exception) }
    }

    /// Logs that something is not as it should be, though the work goes on.
    @inlinable
    public func warn(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> AttributeLiteral = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {
        if admits(.warn) { write(.warn, message, { attributes().attributes }, eventName, exception) }
    }

    /// Logs that something is not as it should be, though the work goes on, with attributes of any convertible type.
    @inlinable @_disfavoredOverload
    public func warn(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes, eventName: String = "",
        exception: (any Error)? = nil
    ) {
        if admits(.warn) { write(.warn, message, attributes, eventName, exception) }
    }

    /// Logs that something failed.
    @inlinable
    public func error(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> AttributeLiteral = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {
        if admits(.error) { write(.error, message, { attributes().attributes }, eventName, exception) }
    }

    /// Logs that something failed, with attributes of any convertible type.
    @inlinable @_disfavoredOverload
    public func error(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes, eventName: String = "",
        exception: (any Error)? = nil
    ) {
        if admits(.error) { write(.error, message, attributes, eventName, exception) }
    }

    /// Logs that the program cannot go on. Flush before it ends: the record waits in a queue.
    @inlinable
    public func fatal(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> AttributeLiteral = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {
        if admits(.fatal) { write(.fatal, message, { attributes().attributes }, eventName, exception) }
    }

    /// Logs that the program cannot go on, with attributes of any convertible type.
    @inlinable @_disfavoredOverload
    public func fatal(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes, eventName: String = "",
        exception: (any Error)? = nil
    ) {
        if admits(.fatal) { write(.fatal, message, attributes, eventName, exception) }
    }
}
