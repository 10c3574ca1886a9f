// The environment variables that set the console up.

package import ExampleSupport

extension ConsoleLimits {
    /// `MAXIMUM_BYTES` is the memory for each signal.
    package init(_ environment: ServiceEnvironment) throws(StartFailure) {
        self.init()
        guard environment["MAXIMUM_BYTES"] != nil else { return }
        let bytes = try environment.number("MAXIMUM_BYTES", default: traceBytes, in: 1 << 20...1 << 40)
        (traceBytes, metricBytes, logBytes) = (bytes, bytes, bytes)
    }
}
