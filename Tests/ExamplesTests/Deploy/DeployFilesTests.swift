// The files of `Deploy` against the sources of the services: programs, ports, variables, addresses.

import ExampleSupport
import Foundation
import Testing

struct DeployFilesTests {
    @Test("ALB-06, APO-11, APO-14, TWT-12: the generated files are what the generator writes", .enabled(if: hasPython))
    func generatedFilesAreUpToDate() throws {
        let (status, input) = try ShellScript.run("exec python3 -B \"$0/generate.py\" --check", folder: DeployedService.folder.path, [])
        close(input)
        #expect(status == 0, "python3 Deploy/generate.py writes them")
    }

    private static var hasPython: Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/python3")
        }
    }

    @Test("ports are those that the programs have by themselves", arguments: try DeployedService.all())
    func portIsDefaultOfProgram(service: DeployedService) throws {
        let file = DeployedService.sources.appending(path: "Examples/\(service.program)/\(service.program)App.swift")
        let ports = try String(contentsOf: file, encoding: .utf8).matches(of: /defaultPort: (\d+)/).map { Int($0.output.1) }
        #expect(ports == [service.port])
    }

    @Test("every variable is read by the program or by the SDK", arguments: try DeployedService.all())
    func variablesAreRead(service: DeployedService) throws {
        let known = try ["Examples/\(service.program)", "Examples/Support"].map { try DeployedService.programText($0) }.joined()
        // The SDK's own, of which `Configuration.md` lists all that are read.
        let guide = try String(
            contentsOf: DeployedService.folder.appending(path: "../Documentation/Configuration.md"), encoding: .utf8)
        let stores = service.hasDatabase ? ["DATABASE_URL", "DATABASE_POOL", "DATABASE_TIMEOUT"] : []
        let injected = ["OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "K8S_POD_NAME", "K8S_POD_UID", "K8S_NAMESPACE_NAME"]
        for variable in service.environment.keys.sorted() + service.secrets + stores + injected + ["K8S_NODE_NAME", "K8S_CONTAINER_NAME"] {
            let isRead = known.contains("\"\(variable)\"") || guide.contains("`\(variable)`")
            #expect(isRead, "\(variable)")
        }
    }

    @Test(
        "every variable of the chart and of the console in Compose is read",
        arguments: [
            "helm/system/templates/_helpers.tpl", "helm/system/templates/tests/status.yaml", "compose/console.yaml",
            "kustomize/base/hello-world/services.yaml",
        ])
    func variablesOfFilesAreRead(path: String) throws {
        var known = try ["Examples/Support", "Examples/Console", "Examples/Collector"].map { try DeployedService.programText($0) }.joined()
        for program in Set(try DeployedService.all().map(\.program)) { known += try DeployedService.programText("Examples/\(program)") }
        let guide = try DeployedService.text("../Documentation/Configuration.md")
        let names = try DeployedService.text(path).matches(of: /(?:- name: |\n      )([A-Z][A-Z0-9_]+)[:\n]/).map { String($0.output.1) }
        #expect(names.count >= 2)
        // Two are parts of URLs, put together by Kubernetes.
        for name in Set(names).subtracting(["DATABASE_PASSWORD", "REDIS_PASSWORD"]) {
            #expect(known.contains("\"\(name)\"") || guide.contains("`\(name)`"), "\(name)")
        }
    }

    @Test("addresses in variables lead to services of the same system, which it may call", arguments: try DeployedService.all())
    func addressesLeadToServices(service: DeployedService) throws {
        let siblings = try DeployedService.all().filter { $0.system == service.system }
        let addresses = service.environment.filter { $0.key != "OTEL_EXPORTER_OTLP_ENDPOINT" }.values
            .flatMap { $0.matches(of: /(?:http:\/\/|=)([a-z0-9-]+):(\d+)/).map { (String($0.output.1), Int($0.output.2)) } }
        var called: Set<String> = []
        for (host, port) in addresses {
            let callee = try #require(siblings.first { $0.name == host }, "\(host) is a service of \(service.system)")
            #expect(callee.port == port, "\(host)")
            if host != service.name { called.insert(host) }
        }
        // The notification service learns from its subscribers where they are.
        #expect(called == Set(service.program == "NotificationService" ? [] : service.calls))
    }

    @Test func everyServiceProgramIsDeployed() throws {
        let examples = DeployedService.sources.appending(path: "Examples")
        let programs = try FileManager.default.contentsOfDirectory(atPath: examples.path).filter { name in
            let file = examples.appending(path: "\(name)/\(name)App.swift")
            return (try? String(contentsOf: file, encoding: .utf8))?.contains("ServiceProcess.") == true
        }
        let others: Set = ["Collector", "Sidecar", "TraceContextRelay"]
        #expect(Set(try DeployedService.all().map(\.program)) == Set(programs).subtracting(others))
    }

    @Test("the image asks the program whether it lives, and has no user root")
    func dockerfileChecksHealthAndHasUser() throws {
        let lines = try DeployedService.text("docker/Dockerfile").split(separator: "\n")
        #expect(lines.contains { $0.hasSuffix(#"CMD ["/usr/bin/service", "--check"]"#) })
        #expect(lines.contains("USER 65532:65532") && lines.contains(#"ENTRYPOINT ["/usr/bin/service"]"#))
        // Each library that services and SDK open is in the image: the first of those that they try.
        let sources = try DeployedService.programText("Examples/Support") + DeployedService.programText("Telemetry/Platform")
        let opened = Set(sources.matches(of: /anyOf: \["(lib[^"]+)"/).map { String($0.output.1) })
        #expect(opened.isSuperset(of: ["libsqlite3.so.0", "libpq.so.5", "libcrypt.so.1", "libz.so.1"]))
        let copied = try #require(lines.first { $0.contains("for library in") })
        for library in opened { #expect(copied.contains("\(library) ") || copied.contains("\(library);"), "\(library)") }
    }

    @Test func labelsOfQueriesAreThoseOfMatchersAndAggregations() throws {
        let text = #"sum by (topic) (rate(sns_publish_total{status="error"}[5m])) / on (topic) max(b{x!="", y=~"z"})"#
        let uses = try DeployedQuery(place: "", text: text).uses()
        #expect(uses.map(\.metric) == ["sns_publish_total", "b"])
        #expect(uses.map(\.labels) == [["topic", "status"], ["topic", "x", "y"]])
        #expect(throws: (any Error).self) { try DeployedQuery(place: "", text: "sum by (a (b)").uses() }
    }

    @Test func seriesOfAPageHaveTheirLabels() {
        var page = PrometheusPage()
        page.add("# TYPE a counter\na_total{x=\"1\",y=\"}\"} 2\nb 3\na_total{z=\"\\\"\"} 4\n")
        #expect(page.labels == ["a_total": ["x", "y", "z"], "b": []])
        #expect(page.hasValue("1", of: "x", in: "a_total") && !page.hasValue("2", of: "x", in: "a_total"))
    }
}
