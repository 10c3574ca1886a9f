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

    @Test("POC-43: ports and files that the guide names are those of Deploy") func portsOfTheGuideAreThoseOfDeploy() throws {
        let text = try String(contentsOf: Self.guide, encoding: .utf8)
        let folder = Self.guide.deletingLastPathComponent().appending(path: "../Deploy")
        let values = try String(contentsOf: folder.appending(path: "helm/system/values.yaml"), encoding: .utf8)
        let ports = try #require(values.firstMatch(of: /ports: \{mesh: (\d+), secure: (\d+), admin: (\d+), outbound: (\d+)\}/)).output
        for port in [ports.1, ports.2, ports.3, ports.4] { #expect(text.contains(port), "\(port)") }
        #expect(values.contains("secretSuffix: -mesh\n"))
        for file in [
            "compose/albums.sidecars.yaml", "compose/all.sidecars.yaml", "kustomize/components/sidecar/albums/kustomization.yaml",
            "kustomize/overlays/sidecars/kustomization.yaml",
        ] {
            #expect(FileManager.default.fileExists(atPath: folder.appending(path: file).path), "\(file)")
        }
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
