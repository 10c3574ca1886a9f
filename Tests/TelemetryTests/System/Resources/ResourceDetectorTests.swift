// Detected attributes, and the merge of all sources into one resource.

import Synchronization
import Testing

@testable import Telemetry

struct ResourceDetectorTests {
    private struct FixedDetector: ResourceDetector {
        var name = "fixed"
        var resource = Resource.empty

        func detect() -> Resource { resource }
    }

    private struct FailingDetector: ResourceDetector {
        struct Failure: Error {}

        let name = "failing"

        func detect() throws -> Resource { throw Failure() }
    }

    private static func sources(_ files: [String: String] = [:], environment: [String: String] = [:]) -> ResourceSources {
        ResourceSources(contents: { files[$0] }, environment: EnvironmentReader(environment))
    }

    private static func composed(
        _ given: Resource? = nil, _ detectors: [any ResourceDetector] = [], environment: [String: String] = [:]
    ) throws -> Resource {
        try Resource.composed(of: given, detectors: detectors, environment: EnvironmentReader(environment))
    }

    // MARK: Detected attributes

    @Test func processDetectorOmitsArguments() {
        let process = ProcessResourceDetector().detect(in: Self.sources(["/proc/self/cmdline": "./shop\0--password\0secret\0"]))
        #expect(process.attributes["process.pid"]?.intValue ?? 0 > 0)
        #expect(process.attributes["process.executable.name"] != nil && process.attributes["process.executable.path"] != nil)
        #expect(process.attributes["process.creation.time"]?.stringValue?.hasSuffix("Z") == true)
        #expect(process.attributes["process.command"] == "./shop")
        #expect(process.attributes["process.runtime.name"] == "swift")
        #expect(!process.attributes.contains { $0.key.hasPrefix("process.command_") || "\($0.value)".contains("secret") })
    }

    @Test func hostIdentifierIsTheMachineIdentifier() {
        let host = HostResourceDetector().detect(in: Self.sources(["/etc/machine-id": " 4c4c4544 \n"]))
        #expect(host.attributes["host.name"] != nil && host.attributes["host.arch"] != nil)
        #expect(host.attributes["host.id"] == "4c4c4544")
        let older = HostResourceDetector().detect(in: Self.sources(["/etc/machine-id": "\n", "/var/lib/dbus/machine-id": "dbus"]))
        #expect(older.attributes["host.id"] == "dbus")
        #expect(HostResourceDetector().detect(in: Self.sources()).attributes["host.id"] == nil)
        #expect(HostResourceDetector.architecture("x86_64") == "amd64" && HostResourceDetector.architecture("aarch64") == "arm64")
        #expect(HostResourceDetector.architecture("armv7l") == "arm32" && HostResourceDetector.architecture("s390x") == "s390x")
    }

    @Test func operatingSystemComesFromTheReleaseFile() {
        let debian = """
            PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
            NAME="Debian GNU/Linux"
            VERSION_ID="12"
            # a comment = none
            ID=debian
            """
        let kernel = ["/proc/sys/kernel/osrelease": "6.1.0-18-amd64\n"]
        let os = OSResourceDetector().detect(in: Self.sources(kernel.merging(["/etc/os-release": debian]) { $1 }))
        #expect(os.attributes["os.name"] == "Debian GNU/Linux" && os.attributes["os.version"] == "12")
        #expect(os.attributes["os.build_id"] == "6.1.0-18-amd64")
        #expect(os.attributes["os.description"] == "Debian GNU/Linux 12 (bookworm), kernel 6.1.0-18-amd64")
        #if os(Linux)
            #expect(os.attributes["os.type"] == "linux")
        #endif
        let rolling = OSResourceDetector().detect(
            in: Self.sources(kernel.merging(["/usr/lib/os-release": "NAME='Arch Linux'\nBUILD_ID=rolling\nVERSION_ID=\n"]) { $1 }))
        #expect(rolling.attributes["os.name"] == "Arch Linux" && rolling.attributes["os.build_id"] == "rolling")
        #expect(rolling.attributes["os.version"] == nil)
        #expect(OSResourceDetector().detect(in: Self.sources()).attributes["os.name"] == nil)
    }

    @Test func releaseFileValuesAreUnquotedLikeShell() {
        let fields = OSResourceDetector.fields(
            of: "A=plain\nB=\"a \\\"b\\\" \\$c \\\\\"\nC='a \\b'\nD=\nE=\"\"\n#F=no\nG\n  H = x \nI=\"open\nJ=\"")
        #expect(fields["A"] == "plain" && fields["B"] == "a \"b\" $c \\" && fields["C"] == "a \\b")
        #expect(fields["D"] == nil && fields["E"] == nil && fields["F"] == nil && fields["#F"] == nil && fields["G"] == nil)
        #expect(fields["I"] == "\"open" && fields["J"] == "\"")
    }

    @Test func serviceInstanceIdentifierIsRandomUUID() throws {
        let first = ServiceResourceDetector().detect(in: Self.sources(environment: ["OTEL_SERVICE_NAME": "shop"]))
        let identifier = try #require(first.attributes["service.instance.id"]?.stringValue)
        #expect(first.attributes["service.name"] == "shop")
        #expect(identifier.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        let again = ServiceResourceDetector().detect(in: Self.sources())
        #expect(again.attributes["service.instance.id"] == first.attributes["service.instance.id"], "It lasts as long as the process.")
        #expect(again.attributes["service.name"] == nil)
        // The example of RFC 9562, appendix A.3.
        let example = ServiceResourceDetector.randomUUID(high: 0x919108F7_52D13320, low: 0x5BACF847_DB4148A8)
        #expect(example == "919108f7-52d1-4320-9bac-f847db4148a8")
    }

    // MARK: Names, schemas, failures

    private static let all: [any ResourceDetector] = [.service, .process, .host, .os, .container, .kubernetes]

    @Test func detectorsHaveUniqueNamesInSnakeCase() throws {
        #expect(Self.all.map(\.name) == ["service", "process", "host", "os", "container", "kubernetes"])
        _ = try Self.composed(nil, Self.all)
        for name in ["fixed", "a_1"] { _ = try Self.composed(nil, [FixedDetector(name: name)]) }
        for name in ["", "Fixed", "my-detector", "1st", "_a", "é", "a b"] {
            #expect(throws: ConfigurationError.self) { try Self.composed(nil, [FixedDetector(name: name)]) }
        }
        let error = #expect(throws: ConfigurationError.self) { try Self.composed(nil, [.host, FixedDetector(name: "host")]) }
        #expect(error?.setting == "detectors" && error?.value == "host")
    }

    @Test func detectorsSetTheSchemaURL() throws {
        let environment = ["K8S_POD_NAME": "p"]
        let groups = "0::/docker/713a77a26fe2a38ebebd5709604a048c3d380db1eb16aa43aca0b2499e54733c"
        for case let detector as any SourcedResourceDetector in Self.all {
            let found = detector.detect(in: Self.sources(["/proc/self/cgroup": groups], environment: environment))
            #expect(!found.attributes.isEmpty)
            #expect(found.schemaURL == "https://opentelemetry.io/schemas/1.44.0")
        }
        #expect(try Self.composed(nil, Self.all).schemaURL == "https://opentelemetry.io/schemas/1.44.0")
        #expect(try Self.composed().schemaURL.isEmpty, "The environment sets no schema URL.")
        let foreign = FixedDetector(resource: Resource(attributes: ["x": 1], schemaURL: "https://example.com/other"))
        let merged = try Self.composed(nil, [.host, foreign])
        #expect(merged.schemaURL.isEmpty && merged.attributes["x"] == 1 && merged.attributes["host.name"] != nil)
    }

    @Test func emptyDetectionIsNotAnError() throws {
        let plain = try Self.composed()
        #expect(try Self.composed(nil, [FixedDetector()]) == plain)
        #expect(plain == .sdkDefault)
    }

    @Test func failingDetectorIsReportedAndOthersApply() throws {
        let resource = try Self.composed(nil, [FailingDetector(), FixedDetector(resource: Resource(attributes: ["x": 1]))])
        #expect(resource.attributes["x"] == 1 && resource.attributes["telemetry.sdk.name"] == "swift-telemetry")
    }

    // MARK: Precedence

    @Test func defaultThenDetectorsThenEnvironmentThenCode() throws {
        let environment = ["OTEL_RESOURCE_ATTRIBUTES": "a=environment,b=environment,service.name=attribute,empty="]
        let detectors: [any ResourceDetector] = [
            FixedDetector(name: "one", resource: Resource(attributes: ["a": "one", "b": "one", "c": "one", "d": "one", "empty": "one"])),
            FixedDetector(name: "two", resource: Resource(attributes: ["d": "two", "service.name": "two"])),
        ]
        let resource = try Self.composed(Resource(attributes: ["a": "code"]), detectors, environment: environment)
        #expect(resource.attributes["a"] == "code")
        #expect(resource.attributes["b"] == "environment")
        #expect(resource.attributes["c"] == "one" && resource.attributes["d"] == "two")
        #expect(resource.attributes["empty"] == "", "An empty value counts, too.")
        #expect(resource.attributes["service.name"] == "attribute")
        let named = try Self.composed(
            nil, detectors + [.service], environment: environment.merging(["OTEL_SERVICE_NAME": "by name"]) { $1 })
        #expect(named.attributes["service.name"] == "by name")
        let coded = try Self.composed(.service("coded"), [.service], environment: ["OTEL_SERVICE_NAME": "by name"])
        #expect(coded.attributes["service.name"] == "coded")
    }

    @Test(arguments: ["novalue", "a=b,=c", "a=%zz", "a=%c3%28", "a=%4"])
    func invalidResourceAttributesAreIgnoredEntirely(text: String) throws {
        let resource = try Self.composed(environment: ["OTEL_RESOURCE_ATTRIBUTES": "good=1,\(text)", "OTEL_SERVICE_NAME": "kept"])
        #expect(resource.attributes["good"] == nil && resource.attributes["a"] == nil)
        #expect(resource.attributes["service.name"] == "kept")
    }

    @Test func resourceAttributesAreTextsAndPercentDecoded() throws {
        let resource = try Self.composed(environment: ["OTEL_RESOURCE_ATTRIBUTES": "n=1, team = a%2Cb%3Dc ,%C3%A9=%E2%82%AC,e=x=y"])
        #expect(resource.attributes["n"] == "1" && resource.attributes["team"] == "a,b=c")
        #expect(resource.attributes["é"] == "€" && resource.attributes["e"] == "x=y")
    }

    @Test(arguments: ["service.name=", "service.name= ", "service.name=%20%09", "service.name=\n", "service.name=,team=a"])
    func emptyServiceNameInResourceAttributesCountsAsUnset(text: String) throws {
        let plain = try Self.composed(environment: ["OTEL_RESOURCE_ATTRIBUTES": text])
        #expect(plain.attributes["service.name"]?.stringValue?.hasPrefix("unknown_service:") == true)
        let detector = FixedDetector(resource: Resource(attributes: ["service.name": "detected"]))
        #expect(
            try Self.composed(nil, [detector], environment: ["OTEL_RESOURCE_ATTRIBUTES": text]).attributes["service.name"] == "detected")
        let named = try Self.composed(environment: ["OTEL_RESOURCE_ATTRIBUTES": text, "OTEL_SERVICE_NAME": "named"])
        #expect(named.attributes["service.name"] == "named")
        #expect(plain.attributes["team"] == (text.hasSuffix("team=a") ? "a" : nil))
    }

    @Test func defaultResourceNamesExecutableAndSDK() {
        let attributes = Resource.sdkDefault.attributes
        #expect(attributes["service.name"]?.stringValue?.hasPrefix("unknown_service:") == true)
        #expect(attributes["service.name"]?.stringValue?.contains("/") == false)
        #expect(Set(attributes.map(\.key)) == ["service.name", "telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version"])
        #expect(attributes["telemetry.sdk.name"] != "opentelemetry")
    }
}
