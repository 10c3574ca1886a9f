// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// One small program a service: its own folder, and what the services share.
func service(_ name: String) -> Target {
    .executableTarget(
        name: name, dependencies: ["Telemetry", "ExampleSupport"],
        path: "Sources/Examples/\(name)", swiftSettings: settings)
}

let package = Package(
    name: "swift-telemetry",
    products: [
        .library(name: "Telemetry", targets: ["Telemetry"])
    ],
    targets: [
        .target(name: "Telemetry", swiftSettings: settings),
        .target(name: "AllocationCounter", path: "Benchmarks/AllocationCounter"),
        .executableTarget(
            name: "Benchmarks", dependencies: ["Telemetry", "AllocationCounter"], path: "Benchmarks", exclude: ["AllocationCounter"],
            swiftSettings: settings),
        .testTarget(
            name: "TelemetryTests", dependencies: ["Telemetry"], exclude: ["Metrics/Vectors"], swiftSettings: settings),
        .target(name: "ExampleSupport", dependencies: ["Telemetry"], path: "Sources/Examples/Support", swiftSettings: settings),
        service("AlbumStore"),
        service("Proxy"),
        service("Collector"),
        service("Demo"),
        service("TraceContextRelay"),
        .testTarget(
            name: "ExamplesTests",
            dependencies: ["Telemetry", "ExampleSupport", "AlbumStore", "Proxy", "Collector", "Demo", "TraceContextRelay"],
            swiftSettings: settings),
    ]
)
