// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "hello",
    dependencies: [
        // In a project of your own (until 0.1.0 is tagged: branch: "main", or a revision):
        // .package(url: "https://github.com/OWNER/swift-telemetry", from: "0.1.0"),
        .package(name: "swift-telemetry", path: "../../..")
    ],
    targets: [
        .executableTarget(name: "Hello", dependencies: [.product(name: "Telemetry", package: "swift-telemetry")])
    ]
)
