// The environment variable that names log files.

package import ExampleSupport

extension LogTails {
    /// `LOG_TAIL` has the paths of log files; nil without any.
    package convenience init?(_ environment: ServiceEnvironment, _ take: @escaping @Sendable ([UInt8]) -> Void) throws(StartFailure) {
        let paths = environment.list("LOG_TAIL")
        guard !paths.isEmpty else { return nil }
        try self.init(paths, take)
    }
}
