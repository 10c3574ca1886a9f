// The values of `telemetry.sdk.*` and of the user agent.

/// The SDK's own name and version.
package enum SDK {
    static let name = "swift-telemetry"
    static let language = "swift"
    package static let version = "0.1.0"
}
