// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "shop",
    dependencies: [
        // In a project of your own (until 0.1.0 is tagged: branch: "main", or a revision):
        // .package(url: "https://github.com/OWNER/swift-telemetry", from: "0.1.0", traits: ["SwiftLog", "SwiftMetrics", "SwiftTracing"]),
        .package(name: "swift-telemetry", path: "../../..", traits: ["SwiftLog", "SwiftMetrics", "SwiftTracing"]),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.5.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.2.0"),
    ],
    targets: [
        .executableTarget(
            name: "Shop",
            dependencies: [
                .product(name: "Telemetry", package: "swift-telemetry"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]),
        .executableTarget(
            name: "Buyer",
            dependencies: [
                .product(name: "Telemetry", package: "swift-telemetry"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]),
    ]
)
