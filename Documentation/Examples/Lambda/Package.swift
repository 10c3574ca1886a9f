// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "greeter",
    dependencies: [
        // In a project of your own: .package(url: "…/swift-telemetry", from: "0.1.0"); until that is tagged, branch: "main" or a revision.
        .package(name: "swift-telemetry", path: "../../..")
    ],
    targets: [
        .executableTarget(name: "Greeter", dependencies: [.product(name: "Telemetry", package: "swift-telemetry")])
    ]
)
