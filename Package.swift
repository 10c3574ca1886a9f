// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

/// What the bridges to other packages are built with. Each stands behind a trait; with none enabled, which is the default, nothing is
/// fetched.
let bridged: [Target.Dependency] = [
    .product(name: "Logging", package: "swift-log", condition: .when(traits: ["SwiftLog"])),
    .product(name: "CoreMetrics", package: "swift-metrics", condition: .when(traits: ["SwiftMetrics"])),
    .product(name: "Metrics", package: "swift-metrics", condition: .when(traits: ["SwiftMetrics"])),
    .product(name: "Tracing", package: "swift-distributed-tracing", condition: .when(traits: ["SwiftTracing"])),
    .product(name: "Instrumentation", package: "swift-distributed-tracing", condition: .when(traits: ["SwiftTracing"])),
    .product(name: "ServiceContextModule", package: "swift-service-context", condition: .when(traits: ["SwiftTracing"])),
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: .when(traits: ["ServiceLifecycle"])),
]

/// One small program a service: its own folder, and what the services share.
func service(_ name: String, with others: [Target.Dependency] = []) -> Target {
    .executableTarget(
        name: name, dependencies: ["Telemetry", "ExampleSupport"] + others,
        path: "Sources/Examples/\(name)", swiftSettings: settings)
}

/// What Swift has no words for, as C functions in a header; only `Platform/` uses it.
let machine: Target = .target(name: "TelemetryMachine", path: "Sources/Telemetry/Platform/Machine")

let library: Target = .target(
    name: "Telemetry", dependencies: ["TelemetryMachine"] + bridged, exclude: ["Platform/Machine"], swiftSettings: settings)

let libraryTests: [Target] = [
    .target(name: "AllocationCounter", path: "Benchmarks/AllocationCounter"),
    .executableTarget(
        name: "Benchmarks", dependencies: ["Telemetry", "AllocationCounter"] + bridged, path: "Benchmarks",
        exclude: ["AllocationCounter", "Console", "Scale", "Services", "lines.py", "processor_area.c", "recorded.json", "rows.py"],
        swiftSettings: settings),
    .testTarget(
        name: "TelemetryTests", dependencies: ["Telemetry", "ExampleSupport"], exclude: ["Metrics/Storage/Vectors", "Programs"],
        swiftSettings: settings),
]

let examples: [Target] = [
    .target(name: "ExampleSupport", dependencies: ["Telemetry"], path: "Sources/Examples/Support", swiftSettings: settings),
    .target(
        name: "TelemetryConsole", dependencies: ["Telemetry", "ExampleSupport"], path: "Sources/Examples/Console",
        exclude: ["Page/Files", "Page/embed.py"], swiftSettings: settings),
    service("AlbumStore"),
    service("Proxy"),
    service("Sidecar"),
    service("Collector", with: ["TelemetryConsole"]),
    service("Auth"),
    service("Tweet"),
    service("Spaceport"),
    service("Spaceship"),
    service("Ledger"),
    service("LunarModule"),
    service("SpacecraftTelemetry"),
    service("CommandDispatcher"),
    service("MissionTimeline"),
    service("MissionDashboard"),
    service("NotificationService"),
    service("HelloWorld"),
    service("Accounts"),
    service("Books"),
    service("Demo"),
    service("TraceContextRelay"),
    .executableTarget(
        name: "TelemetryTool", dependencies: ["Telemetry", "ExampleSupport"], path: "Sources/Examples/TelemetryTool",
        swiftSettings: settings),
    .testTarget(
        name: "ExamplesTests",
        dependencies: [
            "Telemetry", "ExampleSupport", "TelemetryConsole", "AlbumStore", "Proxy", "Sidecar", "Collector", "Auth", "Tweet", "Spaceport",
            "Spaceship", "Ledger", "LunarModule", "SpacecraftTelemetry", "CommandDispatcher", "MissionTimeline", "MissionDashboard",
            "NotificationService", "HelloWorld", "Accounts", "Books", "Demo", "TraceContextRelay", "TelemetryTool",
        ],
        exclude: ["Console/PromQL/Vectors", "Console/Alerts/Vectors", "Console/Page/Browser"], swiftSettings: settings),
]

/// The tests of the bridges, and those tests of the library that see other code when the bridges are there: all that differs with traits,
/// so that a second pass with `TELEMETRY_TESTS=bridges` builds nothing else beside the library.
let bridgesTests: [Target] = [
    .testTarget(
        name: "BridgesTests",
        dependencies: ["Telemetry"] + bridged + [
            .product(name: "UnixSignals", package: "swift-service-lifecycle", condition: .when(traits: ["ServiceLifecycle"]))
        ],
        path: "Tests",
        sources: [
            "BridgesTests", "TelemetryTests/Context", "TelemetryTests/GuideExamples.swift", "TelemetryTests/Eventually.swift",
            "TelemetryTests/Logging/LogRecording.swift", "TelemetryTests/Metrics/MetricRig.swift", "TelemetryTests/Patience.swift",
            "TelemetryTests/Tracing/Counter.swift", "TelemetryTests/Tracing/Recording.swift", "TelemetryTests/Tracing/WithSpanTests.swift",
        ],
        swiftSettings: settings)
]

let buildsBridgesTests = Context.environment["TELEMETRY_TESTS"] == "bridges"

let package = Package(
    name: "swift-telemetry",
    products: [.library(name: "Telemetry", targets: ["Telemetry"])]
        + (buildsBridgesTests
            ? []
            : [
                .library(name: "TelemetryConsole", targets: ["TelemetryConsole"]),
                .executable(name: "telemetry", targets: ["TelemetryTool"]),
            ]),
    traits: [
        .trait(name: "SwiftLog", description: "Records of swift-log go out as log records of Telemetry."),
        .trait(name: "SwiftMetrics", description: "What is measured with swift-metrics becomes metrics of Telemetry."),
        .trait(name: "SwiftTracing", description: "Spans of swift-distributed-tracing become spans of Telemetry."),
        .trait(name: "ServiceLifecycle", description: "Telemetry is a service of swift-service-lifecycle, the last one to end."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.2.0"),
        .package(url: "https://github.com/apple/swift-service-context", from: "1.1.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: buildsBridgesTests ? [machine, library] + bridgesTests : [machine, library] + libraryTests + examples
)
