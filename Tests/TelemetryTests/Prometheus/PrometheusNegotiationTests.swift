// Content negotiation for scrapes.

import Testing

@testable import Telemetry

struct PrometheusNegotiationTests {
    private func format(_ accept: String?, fallback: PrometheusFormat = .text) -> PrometheusFormat {
        PrometheusNegotiation.format(accept: accept, fallback: fallback)
    }

    private static let protobuf = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

    @Test(arguments: [
        (nil, PrometheusFormat.text), ("", .text), ("*/*", .text), ("text/plain", .text), ("text/plain;version=0.0.4", .text),
        ("text/plain; version=1.0.0", PrometheusFormat(.text100)),
        ("text/plain; version=1.0.0; escaping=allow-utf-8", PrometheusFormat(.text100, escaping: .allowUTF8)),
        ("application/openmetrics-text", .openMetrics), ("application/openmetrics-text; version=0.0.1", PrometheusFormat(.openMetrics001)),
        ("application/openmetrics-text;version=1.0.0;escaping=dots", PrometheusFormat(.openMetrics100, escaping: .dots)),
        ("application/openmetrics-text;version=1.0.0;escaping=values", PrometheusFormat(.openMetrics100, escaping: .values)),
        (protobuf, .protobuf), (protobuf + ";escaping=allow-utf-8", PrometheusFormat(.protobuf, escaping: .allowUTF8)),
        ("application/vnd.google.protobuf", .text), ("text/*", .text), ("application/*", .openMetrics),
        ("TEXT/Plain; Version=\"1.0.0\"", PrometheusFormat(.text100)), ("text/html, application/xhtml+xml, */*;q=0.8", .text),
    ])
    func acceptHeaderSelectsTheFormat(accept: String?, expected: PrometheusFormat) {
        #expect(format(accept) == expected)
    }

    @Test func highestWeightWinsThenOrder() {
        #expect(format("text/plain;q=0.5, application/openmetrics-text;q=0.6") == .openMetrics)
        #expect(format("text/plain;q=0.6, application/openmetrics-text;q=0.599") == .text)
        #expect(format("application/openmetrics-text, text/plain") == .openMetrics)
        #expect(format("*/*, application/openmetrics-text") == .openMetrics, "A name comes before a wildcard.")
        #expect(format("application/json, text/plain;version=2.0.0, application/openmetrics-text;q=0.1") == .openMetrics)
    }

    @Test func formatsOfWeightZeroAreNotSelected() {
        #expect(format("application/openmetrics-text;q=0, text/plain;q=0.1") == .text)
        #expect(format("text/plain;q=0, */*;q=0.1") == .openMetrics)
    }

    @Test func acceptHeadersOfPrometheusSelectItsPreference() {
        let usual =
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
            + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
        #expect(format(usual) == PrometheusFormat(.openMetrics100, escaping: .allowUTF8))
        #expect(format(Self.protobuf + ";q=0.7," + usual) == .protobuf)
    }

    @Test func unknownEscapingFallsBackToUnderscoresWithoutEcho() {
        let chosen = format("text/plain;version=1.0.0;escaping=\"x; charset=evil\"")
        #expect(chosen == PrometheusFormat(.text100, escaping: .underscores))
        #expect(chosen.contentType == "text/plain; version=1.0.0; charset=utf-8; escaping=underscores")
    }

    @Test func unsupportedFormatsSelectTheFallback() {
        #expect(format("image/png", fallback: .openMetrics) == .openMetrics)
        #expect(format(nil, fallback: .protobuf) == .protobuf)
        #expect(format("*/*", fallback: .openMetrics) == .openMetrics)
        #expect(format("text/*", fallback: .openMetrics) == .text)
    }

    @Test func rangesWithMalformedWeightsAreIgnored() {
        for weight in ["2", "-1", "1.5", "0.1234", "a", "", "1.001", "0,5"] {
            #expect(format("application/openmetrics-text;q=\(weight), text/plain;q=0.001") == .text, "\(weight)")
        }
        for weight in ["1", "1.0", "1.000", "0.5", "0."] {
            #expect(AcceptedRange.parse("a/b;q=\(weight)").count == 1, "\(weight)")
        }
    }

    @Test func acceptEncodingSelectsGzip() {
        #expect(PrometheusNegotiation.acceptsGzip("gzip"))
        #expect(PrometheusNegotiation.acceptsGzip("br, GZIP;q=0.5"))
        #expect(!PrometheusNegotiation.acceptsGzip("gzip;q=0"))
        #expect(!PrometheusNegotiation.acceptsGzip("identity"))
        #expect(!PrometheusNegotiation.acceptsGzip(nil))
    }

    @Test(arguments: [
        (PrometheusFormat.text, "text/plain; version=0.0.4; charset=utf-8"),
        (.openMetrics, "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"),
        (PrometheusFormat(.openMetrics001), "application/openmetrics-text; version=0.0.1; charset=utf-8"),
        (
            PrometheusFormat(.protobuf, escaping: .allowUTF8),
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=allow-utf-8"
        ),
    ])
    func contentTypesNameVersionAndEscaping(format: PrometheusFormat, expected: String) {
        #expect(format.contentType == expected)
    }

    @Test func randomAcceptHeadersSelectAFormatQuickly() {
        var random = SplitMix64(seed: 166)
        let pieces = [
            "text/plain", "application/openmetrics-text", ";", ",", "q=", "=", "\"", "\\", "0.5", "version", "1.0.0", "*", "/", " ", "é",
            "\u{0}", "escaping=dots",
        ]
        for _ in 0..<5000 {
            let header = (0..<Int.random(in: 0...40, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            let chosen = format(header)
            #expect(PrometheusFormat.Syntax.allCases.contains(chosen.syntax))
        }
        #expect(AcceptedRange.parse(String(repeating: "a/b,", count: 100_000)).count <= 32)
        #expect(format(String(repeating: "\"", count: 1_000_000)) == .text)
    }
}
