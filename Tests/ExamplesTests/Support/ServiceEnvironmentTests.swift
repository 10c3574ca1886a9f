// Valid and invalid values of environment variables, and what telemetry makes of them.

import Telemetry
import Testing

@testable import ExampleSupport

struct ServiceEnvironmentTests {
    @Test func allMissingVariablesAreNamedInOneError() {
        let environment = ServiceEnvironment(["NAMESPACE": "demo", "INSTANCE_NAME": "  "])
        #expect {
            try environment.required(["NAMESPACE": "n", "INSTANCE_NAME": "i", "OTEL_LOCATION": "o"])
        } throws: { error in
            "\(error)" == "These environment variables must be set:\n  INSTANCE_NAME: i\n  OTEL_LOCATION: o"
                && (error as? StartFailure)?.kind.rawValue == 78
        }
    }

    @Test func portOutsideOfRangeIsRefused() throws {
        #expect(try ServiceEnvironment([:]).port(default: 9080) == 9080)
        #expect(try ServiceEnvironment(["PORT": "81"]).port(default: 9080) == 81)
        for text in ["x", "-1", "65536", "8 0"] {
            #expect { try ServiceEnvironment(["PORT": text]).port(default: 9080) } throws: {
                "\($0)" == "PORT is \"\(text)\"; it must be a whole number from 0 to 65535."
            }
        }
    }

    @Test func unsetURLHasDefaultAndInvalidURLIsRefused() throws {
        for variables in [[:], ["ALBUM_STORE_URL": ""]] {
            #expect(try ServiceEnvironment(variables).url("ALBUM_STORE_URL", default: "http://localhost:9080") == "http://localhost:9080")
        }
        #expect(try ServiceEnvironment(["URL": "http://store:1/"]).url("URL", default: "") == "http://store:1")
        for text in ["store:9080", "ftp://store", "http://", "https://store", "http://store:99999"] {
            #expect(throws: StartFailure.self) { try ServiceEnvironment(["URL": text]).url("URL", default: "") }
        }
    }

    @Test func unknownWordsAreRefused() throws {
        let known = ["otlp", "none"]
        for (text, words) in [("", []), ("otlp", ["otlp"]), (" OTLP , none", ["otlp", "none"])] {
            #expect(try ServiceEnvironment(["X": text]).words("X", among: known) == words)
        }
        for text in ["oltp", "otlp/stdout", "otlp none", "otlp,x"] {
            #expect(throws: StartFailure.self) { try ServiceEnvironment(["X": text]).words("X", among: known) }
        }
    }

    @Test func choiceTakesTwoWordsInAnyCase() throws {
        #expect(try ServiceEnvironment([:]).choice("X", "on", or: "off", default: true))
        #expect(try ServiceEnvironment(["X": "ON"]).choice("X", "on", or: "off", default: false))
        #expect(try !ServiceEnvironment(["X": "off\n"]).choice("X", "on", or: "off", default: true))
        for text in ["of", "0", "no", "on off?"] {
            #expect { try ServiceEnvironment(["X": text]).choice("X", "on", or: "off", default: true) } throws: {
                "\($0)" == "X is \"\(text)\"; it must be on or off."
            }
        }
    }

    /// Starts the telemetry of a service with these variables.
    private func telemetry(_ variables: [String: String]) throws -> ServiceTelemetry {
        let own = ["NAMESPACE": "test", "INSTANCE_NAME": "one", "OTEL_LOCATION": "127.0.0.1:1", "ACCESS_LOG": "off"]
        return try ServiceEnvironment(own.merging(variables) { $1 }).startTelemetry(for: "album-store")
    }

    /// Returns the header fields that the propagator writes for a span with baggage.
    private func fields(_ variables: [String: String]) async throws -> [String] {
        let telemetry = try telemetry(variables)
        let incoming: HTTPHeaders = ["traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "baggage": "a=1"]
        var headers = HTTPHeaders()
        telemetry.propagator.inject(telemetry.propagator.extract(from: incoming, into: .root), into: &headers)
        _ = await telemetry.stop(within: .milliseconds(1))
        return headers.names.sorted()
    }

    @Test func propagatorsFollowVariableOrDefault() async throws {
        #expect(try await fields([:]) == ["baggage", "traceparent"])
        #expect(try await fields(["OTEL_PROPAGATORS": "tracecontext"]) == ["traceparent"])
        #expect(try await fields(["OTEL_PROPAGATORS": "baggage"]) == ["baggage"])
        #expect(try await fields(["OTEL_PROPAGATORS": "tracecontext,b3"]) == ["b3", "traceparent"])
        #expect(try await fields(["OTEL_PROPAGATORS": "none"]) == [])
    }

    @Test(arguments: [("", true), ("always_on", true), ("always_off", false), ("parentbased_always_off", false)])
    func samplerFollowsVariableOrDefault(sampler: String, isSampled: Bool) async throws {
        let telemetry = try telemetry(["OTEL_TRACES_SAMPLER": sampler])
        let span = telemetry.tracer.startSpan("x", parent: .root)
        #expect(span.context.isSampled == isSampled)
        span.end()
        _ = await telemetry.stop(within: .milliseconds(1))
    }

    @Test func heldBytesHaveRoomForTwoLargestRequests() throws {
        let options = try ServiceProcess.serverOptions(ServiceEnvironment([:]), maximumRequestBytes: 8 << 20)
        #expect(options.limits.body == 8 << 20 && options.maximumHeldBytes == 64 << 20)
        let large = try ServiceProcess.serverOptions(ServiceEnvironment([:]), maximumRequestBytes: 64 << 20)
        #expect(large.maximumHeldBytes == 128 << 20)
        let chosen = ["MAXIMUM_REQUEST_BYTES": "1000", "MAXIMUM_HELD_BYTES": "1048576"]
        let small = try ServiceProcess.serverOptions(ServiceEnvironment(chosen), maximumRequestBytes: 8 << 20)
        #expect(small.limits.body == 1000 && small.maximumHeldBytes == 1 << 20)
        #expect(throws: StartFailure.self) {
            try ServiceProcess.serverOptions(ServiceEnvironment(["MAXIMUM_HELD_BYTES": "1048576"]), maximumRequestBytes: 8 << 20)
        }
    }

    @Test func telemetryWithoutRequiredVariablesIsRefused() {
        #expect(throws: StartFailure.self) { try ServiceEnvironment([:]).startTelemetry(for: "album-store") }
    }

    @Test func receiverMustBeHostAndPort() throws {
        for (location, url) in [
            ("localhost:4318", "http://localhost:4318"), ("[::1]:4318", "http://[::1]:4318"), ("http://c:1", "http://c:1"),
        ] {
            #expect(try ServiceEnvironment(["OTEL_LOCATION": location]).receiver("OTEL_LOCATION") == url)
        }
        for location in ["", ":4318", "host:port", "host:0", "a b:1", "https://host:4318"] {
            #expect { try ServiceEnvironment(["OTEL_LOCATION": location]).receiver("OTEL_LOCATION") } throws: {
                "\($0)" == "OTEL_LOCATION is \"\(location)\"; it must be a host and a port, as \"localhost:4318\"."
            }
        }
    }

    @Test func urlMayEndWithItsRoute() throws {
        for text in ["http://timeline:8081", "http://timeline:8081/", "http://timeline:8081/data", "http://timeline:8081/data/"] {
            #expect(try ServiceEnvironment(["URL": text]).url("URL", default: "", route: "/data") == "http://timeline:8081")
        }
        #expect(try ServiceEnvironment([:]).url("URL", default: "http://localhost:8000/data", route: "/data") == "http://localhost:8000")
    }

    @Test func databaseMayBeNamedByItsParts() throws {
        let parts = ["DB_HOST": "db", "DB_USER": "ada", "DB_PASSWORD": "p@ss/w:ö rd", "DB_NAME": "moon", "DB_PORT": "5433"]
        let whole = try ServiceEnvironment(parts).withDatabaseParts(defaultName: "lunar")
        #expect(whole["DATABASE_URL"] == "postgres://ada:p%40ss%2Fw%3A%C3%B6%20rd@db:5433/moon" && whole["DB_HOST"] == "db")
        let host = try ServiceEnvironment(["DB_HOST": "::1"]).withDatabaseParts(defaultName: "lunar")
        #expect(host["DATABASE_URL"] == "postgres://postgres:postgres@%3A%3A1:5432/lunar")
        for name in ["DATABASE_URL", "DATABASE_FILE"] {
            let chosen = try ServiceEnvironment(["DB_HOST": "db", name: "sqlite:/a"]).withDatabaseParts(defaultName: "lunar")
            #expect(chosen[name] == "sqlite:/a" && chosen["DATABASE_URL"] == (name == "DATABASE_URL" ? "sqlite:/a" : nil))
        }
        #expect(throws: StartFailure.self) {
            try ServiceEnvironment(["DB_HOST": "db", "DB_PORT": "0"]).withDatabaseParts(defaultName: "lunar")
        }
        #expect(try ServiceEnvironment([:]).withDatabaseParts(defaultName: "lunar")["DATABASE_URL"] == nil)
    }
}
