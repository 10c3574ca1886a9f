// What finds attributes of the resource, and how what is found, set and given becomes one resource.

/// Finds attributes of the resource; finding nothing is no error. (Specification: resource SDK, "Detecting".)
public protocol ResourceDetector: Sendable {
    /// The detector's name, of small letters, digits and `_`; no two detectors of a system share one.
    ///
    /// It is by custom the namespace of the attributes: `host` finds `host.*`. The SDK's own are `service`, `process`, `host`, `os`,
    /// `container` and `kubernetes`. (Specification: resource SDK, "Resource detector name".)
    var name: String { get }

    /// Looks around, quickly, for it runs while the program starts.
    ///
    /// What finds known attributes says which schema they follow. An error is reported, and counts as nothing found.
    func detect() throws -> Resource
}
