// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "thumbnails",
    dependencies: [
        // In a project of your own (until 0.1.0 is tagged: branch: "main", or a revision):
        // .package(url: "https://github.com/OWNER/swift-telemetry", from: "0.1.0", traits: ["ServiceLifecycle", "SwiftLog"]),
        .package(name: "swift-telemetry", path: "../../..", traits: ["ServiceLifecycle", "SwiftLog"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "Worker",
            dependencies: [
                .product(name: "Telemetry", package: "swift-telemetry"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ])
    ]
)
