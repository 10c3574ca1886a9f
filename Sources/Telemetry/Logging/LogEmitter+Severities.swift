// Hot: the everyday way to log: a method for each severity.

extension LogEmitter {
    /// Says something of any severity; the other methods are this one with the severity in their names.
    ///
    /// Message and attributes are evaluated only when somebody wants the record, so that what is disabled costs next to nothing.
    ///
    /// - Parameters:
    ///   - severity: how severe it is.
    ///   - message: a sentence for people, best the same each time, with what varies in the attributes.
    ///   - attributes: what varies.
    ///   - eventName: names the kind of event, if it is one.
    ///   - exception: an error that this is about; its type and message become attributes, unless there are such ones.
    public func log(
        _ severity: LogSeverity, _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes = [:],
        eventName: String = "", exception: (any Error)? = nil
    ) {
        write(severity, message, attributes, eventName, exception)
    }

    /// Says what is of use only while looking for a fault, step by step.
    public func trace(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {
        write(.trace, message, attributes, eventName, exception)
    }

    /// Says what is of use while looking for a fault.
    public func debug(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {
        write(.debug, message, attributes, eventName, exception)
    }

    /// Says that something happened as it should.
    public func info(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {
        write(.info, message, attributes, eventName, exception)
    }

    /// Says that something is not as it should be, though the work goes on.
    public func warn(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {
        write(.warn, message, attributes, eventName, exception)
    }

    /// Says that something failed.
    public func error(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {
        write(.error, message, attributes, eventName, exception)
    }

    /// Says that the program cannot go on. Flush before it ends: the record waits in a queue.
    public func fatal(
        _ message: @autoclosure () -> String, _ attributes: @autoclosure () -> Attributes = [:], eventName: String = "",
        exception: (any Error)? = nil
    ) {
        write(.fatal, message, attributes, eventName, exception)
    }
}
