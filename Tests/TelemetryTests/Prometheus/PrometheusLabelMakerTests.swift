// Labels: sanitising, merging, values, scopes and resource labels.

import Testing

@testable import Telemetry

struct PrometheusLabelMakerTests {
    private typealias Samples = PrometheusSamples

    private func sample(_ attributes: Attributes, _ format: PrometheusFormat = .text) -> String {
        let page = Samples.page([Samples.gauge("g", [Samples.point(1, attributes)])], format)
        return String(page.split(separator: "\n").first { !$0.hasPrefix("#") } ?? "")
    }

    @Test func keysAreSanitised() {
        #expect(sample(["http.route": "/a", "0b": 1, "c:d": 2, "e--f": 3]) == #"g{_0b="1",c_d="2",e_f="3",http_route="/a"} 1"#)
    }

    @Test func valuesOfCollidingKeysAreJoinedInKeyOrder() {
        #expect(sample(["a_b": "last", "a.b": "middle", "a-b": "first"]) == #"g{a_b="first;middle;last"} 1"#)
    }

    @Test func collidingKeysAreComparedByBytes() {
        #expect(sample(["b!": "1", "b\u{E9}": "3", "b~": "2"]) == #"g{b_="1;2;3"} 1"#)
    }

    @Test func attributeValuesOfEveryTypeBecomeText() {
        let attributes: Attributes = [
            "a": true, "b": -3, "c": 1.5, "d": .double(.nan), "e": .double(-.infinity), "f": .bytes([1, 2, 255]),
            "g": .array([1, "x\"y", .empty, .double(.infinity), .bytes([0]), .map(["k": false])]), "h": .map(["z": 1, "a": .array([])]),
            "i": .empty,
        ]
        #expect(
            sample(attributes)
                == #"g{a="true",b="-3",c="1.5",d="NaN",e="-Infinity",f="AQL/","#
                + #"g="[1,\"x\\\"y\",null,\"Infinity\",\"AA==\",{\"k\":false}]",h="{\"a\":[],\"z\":1}",i=""} 1"#)
    }

    @Test func valuesAreEscaped() {
        #expect(sample(["k": "a\"b\\c\nd\re\u{0}f"]) == #"g{k="a\"b\\c\nd e\#u{FFFD}f"} 1"#)
    }

    @Test func utf8NamesAreQuotedWhereTheReaderTakesThem() {
        let format = PrometheusFormat(.text100, escaping: .allowUTF8)
        let page = Samples.page([Samples.gauge("my.\"metric\"", description: "d", [Samples.point(1, ["a.b": "x", "c": "y"])])], format) {
            $0.translationStrategy = .noTranslation
        }
        #expect(
            page == """
                # HELP "my.\\"metric\\"" d
                # TYPE "my.\\"metric\\"" gauge
                {"my.\\"metric\\"","a.b"="x",c="y"} 1

                """)
    }

    @Test func everySampleHasScopeLabels() {
        let scope = InstrumentationScope(
            name: "shop", version: "1.2", schemaURL: "https://schema/1",
            attributes: ["team": "a", "name": "dropped", "schema.url": "dropped"])
        let batch = Samples.batch([Samples.gauge("g", [Samples.point(1, ["k": "v"])])], scope: scope)
        #expect(
            Samples.page(batch).hasSuffix(
                #"g{k="v",otel_scope_name="shop",otel_scope_schema_url="https://schema/1",otel_scope_team="a",otel_scope_version="1.2"} 1"#
                    + "\n"))
        #expect(Samples.page(batch) { $0.includesScopeLabels = false }.hasSuffix("\ng{k=\"v\"} 1\n"))
    }

    @Test func attributeCollidingWithScopeLabelIsJoined() {
        let batch = Samples.batch(
            [Samples.gauge("g", [Samples.point(1, ["otel.scope.name": "mine"])])], scope: InstrumentationScope(name: "shop"))
        #expect(Samples.page(batch).hasSuffix(#"g{otel_scope_name="mine;shop"} 1"# + "\n"))
    }

    @Test func attributesNamedLeOrQuantileAreRenamed() {
        let page = Samples.page([Samples.histogram("h", boundaries: [], counts: [1], ["le": "mine"])])
        #expect(page.contains(#"h_bucket{exported_le="mine",le="+Inf"} 1"#))
        #expect(sample(["le": "mine"]) == #"g{le="mine"} 1"#, "Only histograms need it.")
        let format = PrometheusFormat(.text100, escaping: .allowUTF8)
        let untranslated = Samples.page([Samples.gauge("g", [Samples.point(1, ["__name__": "other"])])], format) {
            $0.translationStrategy = .noTranslation
        }
        #expect(untranslated.contains(#"g{_name__="other"} 1"#))
    }

    @Test func selectedResourceAttributesAreLabelsAndStayInTargetInfo() {
        let resource = Resource.service("shop", attributes: ["host.name": "h1", "host.id": "7", "a.b": "resource"])
        let batch = Samples.batch([Samples.gauge("g", [Samples.point(1, ["a_b": "own"])])], resource: resource)
        let page = Samples.page(batch) { $0.resourceLabels = .matching(["host.*", "a.b"], excluding: ["*.id"]) }
        #expect(page.contains(#"target_info{a_b="resource",host_id="7",host_name="h1",service_name="shop"} 1"#))
        #expect(page.hasSuffix(#"g{a_b="resource;own",host_name="h1"} 1"# + "\n"))
        #expect(Samples.page(batch).hasSuffix(#"g{a_b="own"} 1"# + "\n"), "By default no resource attribute is a label.")
    }

    @Test func targetInfoHasTheResourceOnceAndCanBeDisabled() {
        let batch = Samples.batch([Samples.gauge("target.info")], resource: .service("shop"))
        let text = "# HELP target_info Target metadata\n# TYPE target_info gauge\ntarget_info{service_name=\"shop\"} 1\n"
        #expect(Samples.page(batch) == text, "A metric that wants its name is left out.")
        #expect(
            Samples.page(batch, .openMetrics)
                == "# TYPE target info\n# HELP target Target metadata\ntarget_info{service_name=\"shop\"} 1\n# EOF\n")
        #expect(Samples.page(batch) { $0.includesTargetInfo = false } == "# TYPE target_info gauge\ntarget_info 1\n")
        #expect(Samples.page([]) == "", "An empty resource has no target_info.")
    }
}
