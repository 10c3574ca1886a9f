// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "album-store",
    dependencies: [
        .package(url: "https://github.com/OWNER/swift-telemetry", from: "0.1.0")
    ],
    targets: [
        .executableTarget(
            name: "album-store",
            dependencies: [.product(name: "Telemetry", package: "swift-telemetry")])
    ]
)
