// The protocol for detectors of the SDK and of programs.

/// A detector of resource attributes; an empty result is not an error. (Specification: resource SDK, "Detecting".)
public protocol ResourceDetector: Sendable {
    /// The detector's name, of lower-case letters, digits and `_`, unique within a system.
    ///
    /// By convention it is the namespace of the attributes: `host` detects `host.*`. The SDK's own are `service`, `process`, `host`, `os`,
    /// `container`, `kubernetes`, `ec2`, `ecs`, `eks`, `gcp`, `azure`, `heroku`, `fly`
    /// and `entities`. (Specification: resource SDK, "Resource detector name".)
    var name: String { get }

    /// Returns the detected resource. It must be fast, since it runs while the program starts.
    ///
    /// A detector of standard attributes sets the schema URL. An error is reported and treated as an empty result.
    func detect() throws -> Resource
}
