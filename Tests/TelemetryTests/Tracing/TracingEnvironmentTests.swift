// Samplers and limits from the environment: names, precedence, and what happens to nonsense.

import Testing

@testable import Telemetry

struct TracingEnvironmentTests {
    private func limits(_ variables: [String: String]) -> SpanLimits { SpanLimits(EnvironmentReader(variables)) }

    @Test func defaultLimitsMatchTheSpecification() {
        let limits = limits([:])
        #expect(limits == SpanLimits())
        #expect(limits.attributeCount == 128 && limits.eventCount == 128 && limits.linkCount == 128)
        #expect(limits.eventAttributeCount == 128 && limits.linkAttributeCount == 128)
        #expect(limits.attributeValueLength == nil && limits.attributeValueDepth == 64)
    }

    @Test func spanVariableTakesPrecedenceOverTheGeneralOne() {
        let general = ["OTEL_ATTRIBUTE_COUNT_LIMIT": "10", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "20"]
        #expect(
            limits(general) == SpanLimits(attributeCount: 10, attributeValueLength: 20, eventAttributeCount: 10, linkAttributeCount: 10))
        let special = [
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "1", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "0", "OTEL_SPAN_EVENT_COUNT_LIMIT": "3",
            "OTEL_SPAN_LINK_COUNT_LIMIT": "4", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "5", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT": "6",
        ]
        let expected = SpanLimits(
            attributeCount: 1, attributeValueLength: 0, eventCount: 3, linkCount: 4, eventAttributeCount: 5, linkAttributeCount: 6)
        #expect(limits(special) == expected)
        #expect(limits(general.merging(special) { $1 }) == expected)
    }

    @Test(
        arguments: [
            ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", SpanLimits(attributeCount: 9)),
            ("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", SpanLimits(attributeValueLength: 9)),
            ("OTEL_SPAN_EVENT_COUNT_LIMIT", SpanLimits(eventCount: 9)), ("OTEL_SPAN_LINK_COUNT_LIMIT", SpanLimits(linkCount: 9)),
            ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", SpanLimits(eventAttributeCount: 9)),
            ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", SpanLimits(linkAttributeCount: 9)),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", SpanLimits(attributeValueLength: 9)),
            ("OTEL_ATTRIBUTE_COUNT_LIMIT", SpanLimits(attributeCount: 9, eventAttributeCount: 9, linkAttributeCount: 9)),
        ])
    func everyLimitIsReadFromItsVariable(name: String, expected: SpanLimits) {
        #expect(limits([name: "9"]) == expected)
        #expect(limits([name: ""]) == SpanLimits() && limits([name: "-9"]) == SpanLimits())
    }

    @Test(arguments: ["-1", "many", "1.5", "99999999999"])
    func invalidLimitIsIgnored(value: String) {
        #expect(limits(["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": value]) == SpanLimits())
        #expect(limits(["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": value, "OTEL_ATTRIBUTE_COUNT_LIMIT": "7"]).attributeCount == 7)
        #expect(limits(["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": value]).attributeValueLength == nil)
    }

    @Test(
        arguments: [
            (nil, nil, "parent AlwaysOnSampler"), ("", nil, "parent AlwaysOnSampler"), ("always_on", nil, "AlwaysOnSampler"),
            ("ALWAYS_OFF", nil, "AlwaysOffSampler"), ("parentbased_always_on", nil, "parent AlwaysOnSampler"),
            ("parentbased_always_off", nil, "parent AlwaysOffSampler"), ("traceidratio", "0.25", "TraceIdRatioBased{0.25}"),
            ("traceidratio", nil, "TraceIdRatioBased{1.0}"), ("traceidratio", "2", "TraceIdRatioBased{1.0}"),
            ("traceidratio", "x", "TraceIdRatioBased{1.0}"), ("parentbased_traceidratio", "0.5", "parent TraceIdRatioBased{0.5}"),
            ("ParentBased_TraceIdRatio", "0", "parent TraceIdRatioBased{0.0}"), ("nonsense", nil, "parent AlwaysOnSampler"),
            (nil, "0.1", "parent AlwaysOnSampler"),
        ] as [(String?, String?, String)])
    func samplerIsReadFromItsVariables(name: String?, argument: String?, expected: String) {
        var variables: [String: String] = [:]
        variables["OTEL_TRACES_SAMPLER"] = name
        variables["OTEL_TRACES_SAMPLER_ARG"] = argument
        let sampler = TracingEnvironment.sampler(EnvironmentReader(variables))
        let parentBased = sampler as? ParentBasedSampler
        #expect((parentBased.map { "parent \($0.root.description)" } ?? sampler.description) == expected)
    }

    @Test(
        arguments: [
            (nil, "http://localhost:5778/sampling", 60_000, 0.001),
            ("endpoint=http://collector:5778,pollingIntervalMs=5000,initialSamplingRate=0.25", "http://collector:5778", 5000, 0.25),
            (" initialSamplingRate = 1 ", "http://localhost:5778/sampling", 60_000, 1),
            ("endpoint=http://c/a%2Cb", "http://c/a,b", 60_000, 0.001),
            // An invalid value makes the whole variable count as not set.
            ("endpoint=collector,pollingIntervalMs=5000", "http://localhost:5778/sampling", 60_000, 0.001),
            ("pollingIntervalMs=0,initialSamplingRate=1", "http://localhost:5778/sampling", 60_000, 0.001),
            ("initialSamplingRate=1,pollingIntervalMs=1.5", "http://localhost:5778/sampling", 60_000, 0.001),
            ("pollingIntervalMs=5000,initialSamplingRate=2", "http://localhost:5778/sampling", 60_000, 0.001),
            ("pollingIntervalMs=5000,colour=red", "http://localhost:5778/sampling", 60_000, 0.001),
            ("0.5", "http://localhost:5778/sampling", 60_000, 0.001),
        ] as [(String?, String, Int, Double)])
    func jaegerSamplerReadsItsArguments(argument: String?, endpoint: String, milliseconds: Int, share: Double) throws {
        for name in ["jaeger_remote", "parentbased_jaeger_remote", "PARENTBASED_JAEGER_REMOTE"] {
            var variables = ["OTEL_TRACES_SAMPLER": name]
            variables["OTEL_TRACES_SAMPLER_ARG"] = argument
            let sampler = TracingEnvironment.sampler(EnvironmentReader(variables))
            let jaeger = ((sampler as? ParentBasedSampler)?.root ?? sampler) as? JaegerRemoteSampler
            #expect((sampler is ParentBasedSampler) == (name != "jaeger_remote"))
            #expect(try jaeger.unwrapped().endpoint == endpoint && jaeger?.interval == .milliseconds(milliseconds))
            #expect(jaeger?.initial.description == "TraceIdRatioBased{\(share)}")
        }
    }
}
