// Environment variables of services: what is taken, and what is said about what cannot be.

import ExampleSupport
import Testing

@Suite struct ServiceEnvironmentTests {
    @Test func allMissingVariablesAreNamedAtOnce() {
        let environment = ServiceEnvironment(["NAMESPACE": "demo", "INSTANCE_NAME": "  "])
        #expect {
            try environment.required(["NAMESPACE": "n", "INSTANCE_NAME": "i", "OTEL_LOCATION": "o"])
        } throws: { error in
            "\(error)" == "These environment variables must be set:\n  INSTANCE_NAME: i\n  OTEL_LOCATION: o"
                && (error as? StartFailure)?.kind.rawValue == 78
        }
    }

    @Test func aPortIsANumberInItsRange() throws {
        #expect(try ServiceEnvironment([:]).port(default: 9080) == 9080)
        #expect(try ServiceEnvironment(["PORT": "81"]).port(default: 9080) == 81)
        for text in ["x", "-1", "65536", "8 0"] {
            #expect { try ServiceEnvironment(["PORT": text]).port(default: 9080) } throws: {
                "\($0)" == "PORT is \"\(text)\"; it must be a whole number from 0 to 65535."
            }
        }
    }

    @Test func anUnsetURLKeepsItsDefault() throws {
        for variables in [[:], ["ALBUM_STORE_URL": ""]] {
            #expect(try ServiceEnvironment(variables).url("ALBUM_STORE_URL", default: "http://localhost:9080") == "http://localhost:9080")
        }
        #expect(try ServiceEnvironment(["URL": "http://store:1/"]).url("URL", default: "") == "http://store:1")
        for text in ["store:9080", "ftp://store", "http://", "https://store", "http://store:99999"] {
            #expect(throws: StartFailure.self) { try ServiceEnvironment(["URL": text]).url("URL", default: "") }
        }
    }

    @Test func telemetryIsRefusedWithoutItsVariables() {
        #expect(throws: StartFailure.self) { try ServiceEnvironment([:]).startTelemetry(for: "album-store") }
    }

    @Test func aReceiverIsAHostAndAPort() throws {
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
}
