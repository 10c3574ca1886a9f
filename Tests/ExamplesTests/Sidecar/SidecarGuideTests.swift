// The examples of the guide of the sidecar.

import Foundation
import Testing

@testable import Sidecar

struct SidecarGuideTests {
    private static let guide = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../../Documentation/Sidecar.md")

    @Test func fileOfTheGuideIsRead() throws {
        let text = try String(contentsOf: Self.guide, encoding: .utf8)
        let blocks = text.matches(of: /```yaml\n((?:.|\n)*?)```/).map { String($0.output.1) }
        #expect(blocks.count == 1)
        let file = try ConfigurationReader.configuration(Array(try #require(blocks.first).utf8), file: "edge.yaml")
        #expect(file.listeners.first?.port == 8081 && file.upstreams.first?.retriedStatuses == [503])
    }

    @Test("POC-43: the kustomize component listens where callers of the album store are led, before the album store's port")
    func componentFitsTheAlbumStore() throws {
        let folder = Self.guide.deletingLastPathComponent().appending(path: "../Deploy/kustomize/components/sidecar")
        func text(_ name: String) throws -> String { try String(contentsOf: folder.appending(path: name), encoding: .utf8) }
        let file = try ConfigurationReader.configuration(Array(try text("sidecar.yaml").utf8), file: "sidecar.yaml")
        let (pods, listener) = (try text("pods.yaml"), try #require(file.listeners.first))
        #expect(pods.contains("{name: \(listener.name), containerPort: \(listener.port)}") && listener.address == "0.0.0.0")
        #expect(try text("service.yaml").contains("{name: http, port: 9080, targetPort: \(listener.name)}"))
        #expect(file.upstreams.map(\.endpoints) == [[.init(host: "127.0.0.1", port: 9080)]])
        #expect(pods.contains("{name: admin, containerPort: 15020}"))
        let program = try String(
            contentsOf: folder.appending(path: "../../../../Sources/Examples/Sidecar/SidecarApp.swift"), encoding: .utf8)
        #expect(program.contains("defaultPort: 15_020") && program.contains("\"SIDECAR_CONFIG\""))
    }

    @Test func defaultsOfTheGuideAreThoseOfTheProgram() throws {
        let text = try String(contentsOf: Self.guide, encoding: .utf8)
        let (listener, upstream) = (ListenerConfiguration(name: ""), UpstreamConfiguration(name: ""))
        func seconds(_ duration: Duration) -> String { "\(duration.components.seconds)s" }
        for row in [
            "| \(seconds(listener.headTimeout)), \(seconds(listener.idleTimeout)) |",
            "| \(seconds(upstream.connectTimeout)), \(seconds(upstream.firstByteTimeout)), \(seconds(upstream.idleTimeout)), none |",
            "| \(upstream.retries), none, \(upstream.retryShare / 10) |",
            "| \(upstream.failures), \(seconds(upstream.openTime)), \(upstream.probes); \(upstream.concurrency), \(upstream.waiting) |",
            "| \(upstream.idleConnections), \(seconds(upstream.keepAlive)) |",
        ] { #expect(text.contains(row), "\(row)") }
    }
}
