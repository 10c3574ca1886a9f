// What each row of the demos' deployments asks of the files of `Deploy`.

import ExampleSupport
import Foundation
import Testing

struct DeployRowsTests {
    private let services: [DeployedService]

    init() throws { services = try DeployedService.all() }

    private func text(_ path: String) throws -> String { try DeployedService.text(path) }

    @Test("POC-07: Skaffold builds every program, forwards every port, and its script asks for paths that there are")
    func skaffoldForwardsEveryService() throws {
        let file = try text("skaffold/skaffold.yaml")
        for service in services {
            #expect(file.contains("PROGRAM: \(service.program)\n"), "\(service.program)")
            #expect(
                file.contains("resourceName: \(service.name)\n    namespace: telemetry\n    port: \(service.port)\n"), "\(service.name)")
        }
        let known = try DeployedService.programText("Examples/HelloWorld")
        for path in try text("skaffold/init-sns.sh").matches(of: /\$\{url\}(\/[a-z]*)/).map({ String($0.output.1) }) {
            #expect(known.contains("\"\(path)\""), "\(path)")
        }
    }

    @Test("POC-12, POC-44: Prometheus scrapes every service, and a probe requests each")
    func prometheusScrapesAndProbesEveryService() throws {
        let file = try text("prometheus/prometheus.yml")
        for service in services {
            #expect(file.contains("\n  - job_name: \(service.name)\n"), "\(service.name)")
            #expect(file.contains("- \(service.name):\(service.port)\n"), "\(service.name)")
            #expect(file.contains("- http://\(service.name):\(service.port)\(service.probes[0])\n"), "\(service.name)")
        }
    }

    @Test(
        "POC-13: pods have the annotations by which Prometheus finds them",
        arguments: ["kustomize/base/albums/services.yaml", "helm/system/templates/deployments.yaml"])
    func podsHaveAnnotationsOfDiscovery(path: String) throws {
        let discovery = try text("prometheus/kubernetes.yml")
        let manifests = try text(path)
        for annotation in ["prometheus.io/scrape", "prometheus.io/port", "prometheus.io/path"] {
            let label = "__meta_kubernetes_pod_annotation_" + annotation.replacing(/[.\/]/, with: "_")
            #expect(discovery.contains(label) && manifests.contains(annotation), "\(annotation)")
        }
        #expect(discovery.contains("__meta_kubernetes_pod_label_app_kubernetes_io_name") && discovery.contains("target_label: job"))
    }

    @Test("POC-14, POC-22, ALB-05, TWT-10: Grafana and the collector reach what Compose starts")
    func dataSourcesAreServicesOfCompose() throws {
        let compose = try text("compose/observability.yaml")
        let files = try ["grafana/provisioning/datasources/telemetry.yaml", "otel/collector.yaml", "compose/observability.yaml"].map(text)
            .joined()
        let hosts = Set(files.matches(of: /http:\/\/([a-z]+):(\d+)/).map { String($0.output.1) })
        #expect(hosts.isSuperset(of: ["prometheus", "jaeger", "victorialogs", "alertmanager"]))
        for host in hosts { #expect(compose.contains("\n  \(host):\n"), "\(host)") }
        // What services send to is the collector there, and the console elsewhere.
        #expect(compose.contains("aliases: [telemetry]"))
        #expect(try text("compose/console.yaml").contains("\n  telemetry:\n"))
    }

    @Test("POC-32, POC-33: every alert has a severity that a route takes, and a runbook")
    func everyAlertHasARunbook() throws {
        let rules = try text("prometheus/rules/alerts.yml")
        let guide = try text("../Documentation/Operations.md")
        let names = rules.matches(of: /- alert: (\w+)/).map { String($0.output.1) }
        #expect(names.count > 20 && Set(names).count == names.count)
        for name in names {
            #expect(guide.contains("\n### \(name)\n"), "\(name)")
            #expect(rules.contains("runbook: Documentation/Operations.md#\(name.lowercased())\n"), "\(name)")
        }
        #expect(guide.matches(of: /\n### ([A-Z][a-z]+[A-Z]\w+)\n/).allSatisfy { names.contains(String($0.output.1)) })
        #expect(Set(rules.matches(of: /severity: (\w+)/).map { String($0.output.1) }) == ["critical", "warning"])
        // Each alert is in the tests of rules.
        let tests = try text("prometheus/tests.yml")
        for name in names { #expect(tests.contains("alertname: \(name)\n"), "\(name)") }
    }

    @Test("POC-15, ALB-11, TWT-06: each system has a dashboard, and the guide says what each answers")
    func everyDashboardIsInTheGuide() throws {
        let guide = try text("../Documentation/Operations.md")
        let folder = DeployedService.folder.appending(path: "grafana/dashboards")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        for system in Set(services.map(\.system)) { #expect(files.contains("\(system).json"), "\(system)") }
        for file in files {
            let title = try #require(try DeployedService.json("grafana/dashboards/\(file)")["title"]?.stringValue)
            #expect(guide.contains("| *\(title)* |"), "\(title)")
        }
    }

    @Test("ALB-13, TWT-14: CI builds an image of every program")
    func workflowBuildsEveryProgram() throws {
        let file = try text("github/images.yml")
        for program in Set(services.map(\.program)).union(["Collector", "Sidecar"]) {
            #expect(file.contains("{program: \(program), "), "\(program)")
        }
    }

    @Test("TWT-12: the ingress leads to services; retweets too")
    func ingressLeadsToServices() throws {
        let data = try DeployedService.json("services.json")
        for system in DeployedService.members(data["systems"]) {
            for route in DeployedService.members(system.value["routes"]) {
                #expect(services.contains { $0.system == system.key && $0.name == route.value.stringValue }, "\(route.key)")
            }
        }
        #expect(data["systems"]?["tweets"]?["routes"]?["/retweet"] == "tweet-service")
        #expect(try text("kustomize/base/ingress/ingress.yaml").contains("path: /retweet\n"))
    }

    @Test(
        "ALB-24: the database of a service is a value of the chart", arguments: ["host", "port", "user", "existingSecret", "passwordKey"])
    func databaseIsConfigurable(key: String) throws {
        #expect(try text("helm/system/templates/_helpers.tpl").contains("$values.database.\(key)"))
        #expect(try DeployedService.json("helm/system/values.schema.json")["properties"]?["database"]?["properties"]?[key] != nil)
    }

    @Test("with all replicas that autoscalers may add, services have no more connections than the database")
    func connectionsFitIntoTheDatabase() throws {
        for path in ["kustomize/base/stores/stores.yaml", "compose/stores.yaml"] {
            let limit = try #require(try text(path).firstMatch(of: /max_connections=(\d+)/).flatMap { Int($0.output.1) })
            let replicas = services.filter(\.hasDatabase).map { $0.scales ? 5 : 1 }.reduce(0, +)
            let pool = try #require(try text("helm/system/values.yaml").firstMatch(of: /pool: (\d+)/).flatMap { Int($0.output.1) })
            #expect(replicas * pool <= limit && services.count * 8 <= limit, "\(path)")
        }
        let manifests = try Set(services.map(\.system)).map { try text("kustomize/base/\($0)/services.yaml") }.joined()
        #expect(manifests.matches(of: /maxReplicas: (\d+)/).allSatisfy { $0.output.1 == "5" })
    }

    @Test("ALB-25, TWT-13: Terraform deploys the systems that there are", arguments: ["aks", "eks", "gke"])
    func terraformDeploysEverySystem(cloud: String) throws {
        #expect(try text("terraform/\(cloud)/main.tf").contains("source            = \"../modules/systems\""))
        let variables = try text("terraform/modules/systems/variables.tf")
        let names = variables.firstMatch(of: /default     = \[(.+)\]/)?.output.1.matches(of: /"([^"]+)"/).map { String($0.output.1) }
        #expect(Set(names ?? []) == Set(services.map(\.system)))
    }

    @Test("ALB-06, ALB-07, APO-14: an overlay for kind, k3d and Microk8s has every system", arguments: ["kind", "k3d", "microk8s"])
    func overlayHasEverySystem(overlay: String) throws {
        let file = try text("kustomize/overlays/\(overlay)/kustomization.yaml")
        if overlay == "kind" {
            for system in Set(services.map(\.system)) { #expect(file.contains("../../base/\(system)\n"), "\(system)") }
            // Microk8s has its registry where the spaceport is elsewhere.
        } else {
            #expect(file.contains("- ../kind\n") && file.contains("- ../../base/ingress\n"))
            #expect(file.contains("value: 32010") == (overlay == "microk8s"))
        }
    }

    @Test("APO-11: Compose has every service with its stores, and rebuilds what changes")
    func composeHasEveryService() throws {
        for service in services {
            let file = try text("compose/\(service.system).yaml")
            let part = try #require(file.split(separator: "\n  \(service.name):\n").last)
            #expect(part.contains("PROGRAM: \(service.program)\n") && part.contains("action: rebuild"), "\(service.name)")
            #expect(service.hasDatabase == part.prefix(1200).contains("DATABASE_URL"), "\(service.name)")
        }
        let databases = try text("compose/databases.sql")
        let used = try text("services.json").matches(of: /"database": "(\w+)"/).map { String($0.output.1) }
        for name in used { #expect(databases.contains("CREATE DATABASE \"\(name)\";"), "\(name)") }
    }

    @Test("SPA-09: ships and spaceports have fixed ports, and versions run side by side")
    func spaceportsHaveFixedPorts() throws {
        let file = try text("kustomize/base/spaceports/services.yaml")
        let ports = file.matches(of: /nodePort: (\d+)/).compactMap { Int($0.output.1) }
        #expect(ports.sorted() == [32000, 32001, 32002, 32100])
        let cluster = try text("kustomize/overlays/kind/cluster.yaml")
        for port in ports { #expect(cluster.contains("hostPort: \(port)"), "\(port)") }
        #expect(Set(services.compactMap { $0.environment["VERSION"] }) == ["v1", "v2-correlated"])
    }

    @Test("POC-51: five lessons lead from counting to all signals together, each with what it is learned by")
    func lessonsFollowTheirOrder() throws {
        let guide = try text("../Documentation/Operations.md")
        let path = try #require(guide.split(separator: "\n## Learning path\n").last?.split(separator: "\n## ").first)
        let lessons = path.split(separator: "\n### ").dropFirst()
        #expect(
            lessons.map { $0.prefix { $0 != "\n" } }
                == ["Lesson 1: count", "Lesson 2: draw", "Lesson 3: follow", "Lesson 4: errors", "Lesson 5: all together"])
        // Prometheus, Grafana, OpenTelemetry, error tracking, and the way from one to the next.
        for (lesson, words) in zip(
            lessons,
            [
                ["/metrics", "/api/v1/query"], ["histogram_quantile", "Grafana"], ["/data/traces"], ["status"],
                ["query_exemplars", "/data/logs"],
            ])
        {
            let commands = lesson.matches(of: /```sh\n(.*?)```/.dotMatchesNewlines()).map(\.output.1)
            #expect(commands.count == 1 && commands[0].contains("curl -s"), "\(lesson.prefix(40))")
            #expect(lesson.contains("*Look*") && lesson.contains("*Learned*"), "\(lesson.prefix(40))")
            for word in words { #expect(lesson.contains(word), "\(word)") }
        }
        // The commands are run as they stand there.
        #expect(try text("check.sh").contains("check/lessons.py") && text("check/lessons.py").contains("\"## Learning path\""))
    }

    @Test("SPA-08: the chart leaves the injected variables to an operator")
    func chartHasAnnotationOfOperator() throws {
        #expect(try text("helm/system/templates/deployments.yaml").contains("instrumentation.opentelemetry.io/inject-sdk"))
        #expect(try text("helm/system/templates/_helpers.tpl").contains("if eq $values.telemetry.injection \"downward\""))
    }
}
