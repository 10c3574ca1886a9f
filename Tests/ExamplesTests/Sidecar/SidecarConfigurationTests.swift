// Files of sidecars, good and bad.

import ExampleSupport
import Testing

@testable import Sidecar

@Suite("POC-43: sidecar, files") struct SidecarConfigurationTests {
    private func problems(_ text: String) -> String {
        do throws(YAMLFileProblems) {
            _ = try ConfigurationReader.configuration(Array(text.utf8), file: "f.yaml")
            return "none"
        } catch {
            return error.description
        }
    }

    @Test func wholeFileIsRead() throws {
        let file = try ConfigurationReader.configuration(
            Array(
                """
                name: edge
                maximum_connections: 500
                listeners:
                  - name: in
                    address: 0.0.0.0
                    port: 8080
                    trust_trace: false
                    trust_forwarded: true
                    head_timeout: 5s
                    idle_timeout: 2m
                    routes:
                      - {host: "*.Example.org", prefix: /albums, upstream: albums, upgrades: [WebSocket]}
                      - {upstream: rest}
                upstreams:
                  albums:
                    endpoints: [albums-1:9080, "[::1]:9081"]
                    timeouts: {connect: 250ms, first_byte: 2s, idle: 3s, whole: 1h}
                    retries: {attempts: 3, statuses: [502, 503], budget_percent: 10}
                    circuit_breaker: {failures: 7, open: 4s, probes: 2, concurrency: 9, waiting: 8}
                    pool: {idle_connections: 6, keep_alive: 5s}
                  rest: {endpoints: ["127.0.0.1:1"]}
                """.utf8), file: "f.yaml")
        #expect(file.name == "edge" && file.maximumConnections == 500)
        let listener = try #require(file.listeners.first)
        #expect(listener.address == "0.0.0.0" && listener.port == 8080 && !listener.trustsTrace && listener.trustsForwarded)
        #expect(listener.headTimeout == .seconds(5) && listener.idleTimeout == .seconds(120))
        #expect(listener.routes.map(\.host) == ["*.example.org", nil] && listener.routes.map(\.prefix) == ["/albums", "/"])
        #expect(listener.routes.map(\.upstream) == [0, 1] && listener.routes[0].upgrades == ["websocket"])
        let upstream = file.upstreams[0]
        #expect(upstream.endpoints.map(\.host) == ["albums-1", "::1"] && upstream.endpoints.map(\.port) == [9080, 9081])
        #expect(upstream.connectTimeout == .milliseconds(250) && upstream.firstByteTimeout == .seconds(2))
        #expect(upstream.idleTimeout == .seconds(3) && upstream.wholeTimeout == .seconds(3600))
        #expect(upstream.retries == 3 && upstream.retriedStatuses == [502, 503] && upstream.retryShare == 100)
        #expect(upstream.failures == 7 && upstream.openTime == .seconds(4) && upstream.probes == 2)
        #expect(upstream.concurrency == 9 && upstream.waiting == 8 && upstream.idleConnections == 6 && upstream.keepAlive == .seconds(5))
    }

    @Test func jsonIsReadToo() throws {
        let text = #"{"listeners": [{"name": "in", "port": 0, "routes": [{"upstream": "a"}]}], "upstreams": {"a": {"endpoints": ["b:1"]}}}"#
        #expect(try ConfigurationReader.configuration(Array(text.utf8), file: "f.json").upstreams.first?.endpoints.first?.host == "b")
    }

    @Test func allErrorsAreNamedAtOnceWithLineAndRemedy() {
        let text = problems(
            """
            name: two words
            speed: 9
            listeners:
              - name: in
                port: 99999
                trust_trace: maybe
                routes:
                  - {prefix: albums, upstream: albums}
                  - {host: "a:80", upstream: nowhere}
                  - {}
              - name: in
                port: 1
                routes: []
                tls: {certificate: /no/such.pem, key: /no/such.key, client_names: [x]}
            upstreams:
              albums:
                endpoints: [albums, http://b:1]
                timeouts: {connect: 5, whole: 0s}
                retries: {statuses: [404]}
                circuit_breaker: {failures: 0}
              empty: {}
            """)
        for expected in [
            "f.yaml:1: The file: name is \"two words\"; it stands in Via and must be one word",
            "f.yaml:2: The file has no field speed; it has name, maximum_connections, listeners, upstreams",
            "f.yaml:5: The listener in: port is \"99999\"; it must be a whole number from 0 to 65535",
            "f.yaml:6: The listener in: trust_trace is \"maybe\"; it must be true or false",
            "f.yaml:8: The listener in: the route: prefix is \"albums\"; it must begin with / and have no ? and #",
            "f.yaml:9: The listener in: the route: host is \"a:80\"; it must be a host without a port, *.host or *",
            "f.yaml:9: The listener in: the route: there is no upstream nowhere; there are albums, empty",
            "f.yaml:10: The listener in: the route has no upstream; it must be the name of one of the upstreams",
            "f.yaml:11: the listener in is there twice",
            "f.yaml:11: The listener in has no routes; it must be a list such as [{upstream: albums}]",
            "f.yaml:14: The listener in: tls: client_names needs client_authorities, which sign the certificates of clients",
            "/no/such.pem",
            "f.yaml:17: The upstream albums: the endpoint is \"albums\"; it must be a host and a port, as albums:9080",
            "f.yaml:17: The upstream albums: the endpoint is \"http://b:1\"; it must be a host and a port, as albums:9080",
            "f.yaml:18: The upstream albums: timeouts: connect is \"5\"; it must be a duration from 1ms to 24h, such as 250ms, 15s or 5m",
            "f.yaml:18: The upstream albums: timeouts: whole is \"0s\"",
            "f.yaml:19: The upstream albums: retries: the status is \"404\"; it must be a number from 500 to 599",
            "f.yaml:20: The upstream albums: circuit_breaker: failures is \"0\"; it must be a whole number from 1 to 1000000",
            "f.yaml:21: The upstream empty has no endpoints; it must be a list such as [127.0.0.1:9080]",
        ] {
            #expect(text.contains(expected), "\(expected) is missing in\n\(text)")
        }
    }

    @Test(arguments: [("", "the file is empty"), ("a: [", "f.yaml:"), ("[]", "it must be a mapping"), ("listeners: 5", "must be a list")])
    func fileOfAnotherShapeIsRefused(_ text: String, _ expected: String) {
        #expect(problems(text).contains(expected))
    }
}
