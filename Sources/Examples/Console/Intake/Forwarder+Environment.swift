// The environment variables of forwarding.

package import ExampleSupport

extension Forwarder {
    /// `FORWARD_TO` has the base URLs of receivers, `FORWARD_SPOOL` the directory for what could not be delivered; nil without receivers.
    package convenience init?(_ environment: ServiceEnvironment) throws(StartFailure) {
        let endpoints = environment.list("FORWARD_TO")
        guard !endpoints.isEmpty else { return nil }
        try self.init(to: endpoints, spool: environment["FORWARD_SPOOL"])
    }
}
