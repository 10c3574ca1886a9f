// The SDK's own name and version.

/// The SDK's own name and version, as its telemetry carries them.
enum SDK {
    static let name = "swift-telemetry"
    static let language = "swift"
    static let version = "0.1.0"
}
