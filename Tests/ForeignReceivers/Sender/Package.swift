// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "sender",
    dependencies: [.package(name: "swift-telemetry", path: "../../..")],
    targets: [
        .executableTarget(name: "Sender", dependencies: [.product(name: "Telemetry", package: "swift-telemetry")])
    ]
)
