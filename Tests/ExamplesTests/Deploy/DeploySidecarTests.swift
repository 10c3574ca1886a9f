// The sidecars of `Deploy` against the program: files, ports, variables, and that every service has one.

import ExampleSupport
import Foundation
import Testing

@testable import Sidecar

@Suite("POC-43, ALB-14: sidecars in Compose and in a cluster") struct DeploySidecarTests {
    private let services: [DeployedService]
    private let meshPort: Int
    private let ownPort: Int

    init() throws {
        services = try DeployedService.all()
        let data = try DeployedService.json("services.json")["sidecar"]
        meshPort = try #require(data?["meshPort"]?.integerValue)
        ownPort = try #require(data?["port"]?.integerValue)
    }

    @Test func everyFileIsTakenAndLeadsToItsService() throws {
        let folder = DeployedService.folder.appending(path: "sidecar")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(files) == Set(services.map { "\($0.name).yaml" }))
        for service in services {
            let text = try DeployedService.text("sidecar/\(service.name).yaml")
            let file = try ConfigurationReader.configuration(Array(text.utf8), file: service.name)
            let (listener, upstream) = (try #require(file.listeners.first), try #require(file.upstreams.first))
            #expect(file.listeners.count == 1 && file.upstreams.count == 1)
            #expect(listener.port == meshPort && listener.address == "0.0.0.0" && listener.tls == nil, "\(service.name)")
            #expect(upstream.endpoints.map(\.host) == ["127.0.0.1"] && upstream.endpoints.map(\.port) == [service.port], "\(service.name)")
        }
    }

    @Test("the config maps of a cluster have the same files as Compose")
    func configMapsHaveTheFiles() throws {
        for service in services {
            let maps = try DeployedService.text("kustomize/components/sidecar/\(service.system)/files.yaml")
            let file = try DeployedService.text("sidecar/\(service.name).yaml").split(separator: "\n").filter { !$0.hasPrefix("#") }
            let indented = file.map { "    \($0)\n" }.joined()
            #expect(maps.contains("  name: \(service.name)-sidecar\n"), "\(service.name)")
            #expect(maps.contains("data:\n  sidecar.yaml: |\n\(indented)"), "\(service.name)")
        }
    }

    @Test("a changed file of a sidecar makes new pods, which name its checksum")
    func podsNameTheChecksumOfTheirFile() throws {
        let library = try LibCrypto()
        for service in services {
            let lines = try DeployedService.text("sidecar/\(service.name).yaml").split(separator: "\n").filter { !$0.hasPrefix("#") }
            let digest = library.sha256(of: Array(lines.map { "\($0)\n" }.joined().utf8))
            let hexadecimal = digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            let patches = try DeployedService.text("kustomize/components/sidecar/\(service.system)/patches.yaml").split(separator: "---\n")
            let pod = try #require(patches.first { $0.contains("kind: Deployment\nmetadata:\n  name: \(service.name)\n") })
            #expect(pod.replacing("\"", with: "").contains("        checksum/sidecar: \(hexadecimal)\n"), "\(service.name)")
        }
        #expect(try DeployedService.text("helm/system/templates/deployments.yaml").contains("checksum/sidecar: {{ include"))
    }

    @Test func ownPortIsThatOfTheProgram() throws {
        let app = try DeployedService.programText("Examples/Sidecar").replacing("_", with: "")
        #expect(app.contains("defaultPort: \(ownPort))"))
        let ports = try DeployedService.text("helm/system/values.yaml").firstMatch(of: /ports: \{mesh: (\d+), secure: (\d+), admin: (\d+)/)
        #expect(ports?.output.1 == "\(meshPort)" && ports?.output.3 == "\(ownPort)")
        // No service of a pod listens where its sidecar does.
        for service in services { #expect(![meshPort, ownPort, 15_443].contains(service.port), "\(service.name)") }
    }

    @Test(
        "every variable of a sidecar is read",
        arguments: [
            "helm/system/templates/_sidecar.tpl", "compose/albums.sidecars.yaml", "kustomize/components/sidecar/albums/patches.yaml",
        ])
    func variablesAreRead(path: String) throws {
        // Of Compose, those of sidecars alone: callers have addresses of their own there.
        var text = try DeployedService.text(path)
        if path.hasPrefix("compose") { text = try #require(text.split(separator: "album-store-sidecar:").last.map(String.init)) }
        let names = Set(text.matches(of: /(?:- name: |\n      )([A-Z][A-Z0-9_]+)[:\n]/).map { String($0.output.1) })
        #expect(names.isSuperset(of: ["SIDECAR_CONFIG", "PORT", "OTEL_SERVICE_NAME", "OTEL_EXPORTER_OTLP_ENDPOINT"]))
        let known = try ["Examples/Support", "Examples/Sidecar"].map { try DeployedService.programText($0) }.joined()
        let guide = try DeployedService.text("../Documentation/Configuration.md")
        for name in names.subtracting(["ALBUM_STORE_URL"]) {
            #expect(known.contains("\"\(name)\"") || guide.contains("`\(name)`"), "\(name)")
        }
    }

    @Test func callersInComposeReachSidecars() throws {
        let systems = Dictionary(grouping: services, by: \.system)
        for (system, members) in systems {
            let text = try DeployedService.text("compose/\(system).sidecars.yaml")
            for service in members {
                #expect(text.contains("\n  \(service.name)-sidecar:\n"), "\(service.name)")
                #expect(text.contains("network_mode: service:\(service.name)\n"), "\(service.name)")
                #expect(text.contains("- ../sidecar/\(service.name).yaml:/etc/sidecar/sidecar.yaml:ro\n"), "\(service.name)")
                #expect(!text.contains("\(service.name):\(service.port)"), "an address of \(service.name) leads past its sidecar")
            }
            for service in members where service.program != "NotificationService" {
                for callee in service.calls { #expect(text.contains("\(callee):\(meshPort)"), "\(callee)") }
            }
            #expect(try DeployedService.text("compose/all.sidecars.yaml").contains("- \(system).sidecars.yaml\n"))
            #expect(try DeployedService.text("kustomize/overlays/sidecars/kustomization.yaml").contains("/sidecar/\(system)\n"))
        }
    }

    @Test("services that believe proxies in front believe one more behind a sidecar")
    func sidecarIsOneMoreProxy() throws {
        for service in services {
            guard let own = service.environment["TRUSTED_PROXIES"].flatMap({ Int($0) }) else { continue }
            for path in ["compose/\(service.system).sidecars.yaml", "kustomize/components/sidecar/\(service.system)/patches.yaml"] {
                let values = try DeployedService.text(path).matches(of: /TRUSTED_PROXIES(?:\n +value)?: "(\d+)"/).map { $0.output.1 }
                #expect(values.contains("\(own + 1)"), "\(service.name)")
            }
        }
        #expect(services.count { $0.environment["TRUSTED_PROXIES"] != nil } == 2)
    }

    @Test func clusterLeadsCallersToSidecars() throws {
        for service in services {
            let text = try DeployedService.text("kustomize/components/sidecar/\(service.system)/patches.yaml")
            let part = text.split(separator: "---\n").filter { $0.contains("\n  name: \(service.name)\n") }
            #expect(part.count == 3, "\(service.name)")
            #expect(part.contains { $0.contains("- port: \(service.port)\n      targetPort: mesh\n") }, "\(service.name)")
            let policy = try #require(part.first { $0.contains("kind: NetworkPolicy\n") })
            for port in [meshPort, service.port, ownPort] { #expect(policy.contains("- port: \(port)\n"), "\(service.name) \(port)") }
            for callee in service.calls {
                let rule = "app.kubernetes.io/name: \(callee)\n      ports:\n        - port: \(meshPort)\n"
                #expect(policy.contains(rule), "\(service.name) may reach \(callee)")
            }
        }
    }
}
