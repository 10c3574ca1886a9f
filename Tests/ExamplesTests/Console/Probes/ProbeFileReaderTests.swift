// Files of probes: what is read, and what is told of a wrong one.

import ExampleSupport
import Foundation
import Telemetry
import Testing

@testable import TelemetryConsole

@Suite(.enabled(if: YAMLReader.isAvailable, "libyaml is installed.")) struct ProbeFileReaderTests {
    private func problems(_ texts: String...) -> [String] {
        do throws(YAMLFileProblems) {
            _ = try ProbeFileReader.read(texts.enumerated().map { ("\($0.offset).yml", Array($0.element.utf8)) })
            return []
        } catch { return error.problems.map(\.description) }
    }

    @Test("POC-44: a file of blackbox_exporter is read, and targets may stand in another one") func filesAreReadTogether() throws {
        let modules = """
            modules:
              http_2xx:
                prober: http
                timeout: 5s
                http: {method: POST, body: hello, headers: {X-A: b}, preferred_ip_protocol: ip4, valid_status_codes: [200, 204], compression: gzip,
                       body_size_limit: 10MB, fail_if_header_matches: [{header: Set-Cookie, regexp: '.*', allow_missing: true}]}
              tcp: {prober: tcp, tcp: {query_response: [{expect: "^220 (.*)", send: "HELO ${1}"}, {starttls: true}]}}
              dns: {prober: dns, dns: {query_name: example.com, query_type: MX, transport_protocol: tcp, valid_rcodes: [NOERROR, NXDOMAIN]}}
            """
        let targets = """
            probes:
              - {module: http_2xx, interval: 30s, targets: ["localhost:80/health", "https://example.com"], labels: {team: web}, objective: 99.9}
              - {module: tcp, job: mail, targets: ["localhost:25", "[::1]:25"]}
            """
        let read = try ProbeFileReader.read([("a.yml", Array(targets.utf8)), ("b.yml", Array(modules.utf8))])
        #expect(read.modules.keys.sorted() == ["dns", "http_2xx", "tcp"])
        #expect(read.targets.map(\.target) == ["localhost:80/health", "https://example.com", "localhost:25", "[::1]:25"])
        #expect(read.targets.map(\.job) == ["probes", "probes", "mail", "mail"])
        #expect(read.targets[0].timeout == .seconds(5) && read.targets[2].timeout == .milliseconds(14_500))
        #expect(read.targets[0].objective == 0.999 && read.targets[0].labels == ["team": "web"])
        guard case .http(let http)? = read.modules["http_2xx"]?.prober, case .dns(let dns)? = read.modules["dns"]?.prober else {
            return #expect(Bool(false), "The modules have the probers that they name.")
        }
        #expect(http.method == "POST" && http.body == .text("hello") && http.bodyLimit == 10 << 20 && http.isCompressed)
        #expect(http.validStatusCodes == [200, 204] && !http.address.prefersVersion6)
        #expect(dns.usesTCP && dns.type.name == "MX" && dns.validCodes == [0, 3])
    }

    @Test("POC-44: all that is wrong with a file is told, with line and what would be right") func allProblemsAreTold() {
        let text = """
            modules:
              a: {prober: icmp}
              b:
                prober: http
                timeout: 5
                http:
                  valid_status_codes: [2xx]
                  valid_http_versions: [HTTP/2.0]
                  follow_redirects: perhaps
                  fail_if_body_matches_regexp: ["("]
                  fail_if_body_json_matches_cel: body
                  methods: GET
                  compression: br
                  body: a
                  body_file: b
                  tls_config: {min_version: TLS10, ca: x}
                tcp: {}
              c: {prober: dns}
              d: {prober: dns, dns: {query_name: a.b, query_type: AAAAA, dns_over_tls: true, valid_rcodes: [FINE]}}
              e: {prober: ftp, timeout: 5s}
              f: {prober: tcp, tcp: {query_response: {}, source_ip_address: "127.0.0.1"}}
            probes:
              - {module: nothing, targets: [a]}
              - {module: g, targets: ["localhost"], interval: 100ms, objective: 100, labels: {job: x}}
              - {targets: [a], job: [b]}
            other: 1
            """
        let more = """
            modules:
              g: {prober: tcp, timeout: 10s}
              h: {prober: http, timeout: 20s}
            probes:
              - {module: h, targets: ["unix:///run/a", "localhost", localhost]}
            """
        let found = problems(text, more)
        for start in [
            "0.yml:2: The module a: the prober icmp is not supported; the console has http, tcp and dns",
            "0.yml:5: The module b: timeout is \"5\"; it must be a duration such as 30s",
            "0.yml:7: The module b: valid_status_codes has \"2xx\"; it must be numbers",
            "0.yml:8: The module b: valid_http_versions has neither HTTP/1.1 nor HTTP/1.0",
            "0.yml:9: The module b: http: follow_redirects is \"perhaps\"; it must be true or false",
            "0.yml:10: The module b: http: fail_if_body_matches_regexp: \"(\" is no regular expression",
            "0.yml:11: The module b: http: fail_if_body_json_matches_cel is not supported: a regular expression may do",
            "0.yml:12: The module b: http has no field methods; it has valid_status_codes",
            "0.yml:13: The module b: http: compression is \"br\"; it must be gzip or identity",
            "0.yml:15: The module b: http: body and body_file exclude each other",
            "0.yml:16: The module b: tls_config: min_version is \"TLS10\"; it must be TLS12 or TLS13",
            "0.yml:16: The module b: tls_config: ca is not supported", "0.yml:17: The module b: tcp has no effect; its prober is http",
            "0.yml:18: The module c: dns needs query_name", "0.yml:19: The module d: dns: query_type is \"AAAAA\"; it must be one of A, NS",
            "0.yml:19: The module d: dns: dns_over_tls needs transport_protocol: tcp",
            "0.yml:19: The module d: dns: valid_rcodes has \"FINE\"; it must be one of FORMERR",
            "0.yml:20: The module e: prober is \"ftp\"; it must be http, tcp or dns",
            "0.yml:21: The module f: tcp: query_response is a mapping; it must be a list",
            "0.yml:21: The module f: tcp: source_ip_address is not supported", "0.yml:23: The probe: there is no module nothing; there are",
            "0.yml:24: The probe: interval must be from 1s to 1d", "0.yml:24: The probe: objective is \"100\"; it must be a percentage",
            "0.yml:24: The probe: \"job\" is no name of a label",
            "0.yml:24: \"localhost\" is no host with a port", "0.yml:25: The probe has no module", "0.yml:25: The probe: job is a list",
            "0.yml:26: The file has no field other; it has modules, probes", "1.yml:5: \"unix:///run/a\" is no URL",
            "1.yml:5: localhost is probed by h in job probes twice",
        ] { #expect(found.contains { $0.hasPrefix(start) }, "\(start) is not in \(found.joined(separator: "\n"))") }
    }

    @Test func environmentNamesAllProblemsOfAllFiles() throws {
        let folder = try TemporaryDirectory()
        let path = "\(folder.path)/probes.yml"
        try "modules: {a: {prober: x}}\nprobes: 1\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try Probes.configured(ServiceEnvironment([:]), SignalStores()) == nil)
        do throws(StartFailure) {
            _ = try Probes.configured(ServiceEnvironment(["PROBES": "/no/such.yml,\(path)"]), SignalStores())
            Issue.record("The files are wrong.")
        } catch {
            #expect(error.kind == .configuration)
            for part in [
                "PROBES cannot be used", "/no/such.yml: the file cannot be read", "probes.yml:1: The module a: prober is \"x\"",
                "probes.yml:2: The file: probes is \"1\"; it must be a list",
            ] { #expect(error.description.contains(part), "\(error.description)") }
        }
    }

    @Test(
        "POC-44: the modules and targets that are shipped are read",
        arguments: ["albums", "tweets", "spaceports", "apollo11", "hello-world"])
    func shippedFilesAreRead(system: String) throws {
        let root = AlertVectors.folder.split(separator: "/", omittingEmptySubsequences: false).dropLast(6).joined(separator: "/")
        let files = try ["prometheus/blackbox", "probes/\(system)"].map { ($0, try FileReading.bytes("\(root)/Deploy/\($0).yml")) }
        let read = try ProbeFileReader.read(files.map { (path: $0.0, text: $0.1) })
        #expect(Set(read.modules.keys).isSuperset(of: ["http_2xx", "tcp_connect", "tls_connect"]))
        #expect(!read.targets.isEmpty && read.targets.allSatisfy { $0.objective == 0.995 && $0.labels == ["system": system] })
    }

    @Test func bytesOfFilesAreReadWithoutHarm() {
        let valid = Array(
            "modules: {a: {prober: http, http: {headers: {a: b}}}, b: {prober: dns, dns: {query_name: c}}}\nprobes: [{module: a, targets: [d]}]"
                .utf8)
        var random = SplitMix64(seed: 44)
        var readable = 0
        for _ in 0..<400 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0x20...0x7E, using: &random)
            }
            if (try? ProbeFileReader.read([("a.yml", bytes)])) != nil { readable += 1 }
        }
        #expect((1..<400).contains(readable))
    }
}
