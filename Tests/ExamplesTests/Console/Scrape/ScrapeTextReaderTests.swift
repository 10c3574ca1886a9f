// Pages in text.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct ScrapeTextReaderTests {
    private func read(_ text: String, isOpenMetrics: Bool = false) throws -> ScrapedPage {
        try ScrapeTextReader.read(Array(text.utf8), isOpenMetrics: isOpenMetrics, maximumSamples: 1_000)
    }

    private func labels(_ sample: ScrapedSample) -> String { LabelSet(sample.labels).text }

    @Test func plainTextIsRead() throws {
        let page = try read(
            """
            # HELP http_requests_total Requests,\\n by \\\\ code.
            # TYPE http_requests_total counter
            http_requests_total{method="post",code="200"} 1027 1395066363000
            http_requests_total{method="post",code="400",}    3 1395066363000

            # A comment.
            msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9
            metric_without_timestamp_and_labels 12.47
            something_weird{problem="division by zero"} +Inf -3982045
            # TYPE rpc_duration_seconds summary
            rpc_duration_seconds{quantile="0.5"} 4773
            rpc_duration_seconds_sum 1.7560473e+07
            rpc_duration_seconds_count 2693

            """)
        #expect(page.samples.count == 8)
        #expect(page.samples[0].value == .integer(1_027))
        #expect(page.samples[0].time == 1_395_066_363_000)
        #expect(page.families[0].help == "Requests,\n by \\ code.")
        #expect(page.families[0].type == "counter")
        #expect(labels(page.samples[2]).contains("error=\"Cannot find file:\n\"FILE.TXT\"\""))
        #expect(page.samples[4].value == .double(.infinity))
        #expect(page.samples[4].time == -3_982_045)
        #expect(page.samples.map(\.isPrimary) == [true, true, true, true, true, false, false, true])
    }

    @Test func openMetricsHasExemplarsUnitsAndCreation() throws {
        let page = try read(
            """
            # TYPE foo_seconds histogram
            # UNIT foo_seconds seconds
            foo_seconds_bucket{le="0.1"} 8 # {trace_id="KOO5S4vxi0o",user="ada"} 0.067 1520879607.789
            foo_seconds_bucket{le="1"} 10
            foo_seconds_bucket{le="+Inf"} 17
            foo_seconds_count 17
            foo_seconds_sum 324789.3
            foo_seconds_created 1520430000.123
            # TYPE foo counter
            foo_total{a="b"} 17.5 1520879607.789 # {trace_id="x"} 0.5
            # EOF

            """, isOpenMetrics: true)
        #expect(page.samples.count == 6)
        let exemplar = try #require(page.samples[0].exemplar)
        #expect(exemplar.traceID == "KOO5S4vxi0o")
        #expect(exemplar.value == 0.067)
        #expect(exemplar.time.nanosecondsSinceEpoch == 1_520_879_607_789_000_000)
        #expect(exemplar.attributes.count == 1)
        #expect(page.families[0].unit == "seconds")
        // Bounds have one form, whatever the page writes.
        #expect(LabelSet(page.samples[1].labels)["le"] == "1.0")
        #expect(page.created == [ScrapedCreation(0, []): 1_520_430_000_123])
        #expect(page.samples[5].time == 1_520_879_607_789)
        #expect(page.samples[5].family == 1)
    }

    @Test func namesInQuotesAreRead() throws {
        let page = try read("{\"my.metric\",\"a.b\"=\"x\"} 1\n")
        #expect(labels(page.samples[0]) == "{__name__=\"my.metric\", a.b=\"x\"}")
    }

    @Test(arguments: [
        "foo", "foo{", "foo{a=\"b\" 1\n", "foo{a=b} 1\n", "foo{a=\"b\"} x\n", "foo 1 x\n", "{} 1\n", "foo{a=\"1\",a=\"2\"} 1\n",
        "foo{__name__=\"b\"} 1\n", "foo{a=\"b\n", "foo 1 2 3\n", "# TYPE \n", "1foo 2\n",
    ])
    func damagedLinesAreErrorsWithTheirNumber(text: String) throws {
        let error = #expect(throws: ScrapeSyntaxError.self) { try read("ok 1\n" + text) }
        #expect(error?.line == 2)
    }

    @Test func openMetricsEndsWithItsMark() {
        #expect(throws: ScrapeSyntaxError.self) { try read("foo 1\n", isOpenMetrics: true) }
        #expect(throws: ScrapeSyntaxError.self) { try read("foo 1\n# EOF\nfoo 2\n", isOpenMetrics: true) }
    }

    @Test func samplesAreBounded() {
        let text = (0...1_000).map { "foo{i=\"\($0)\"} 1\n" }.joined()
        #expect(throws: ScrapeSyntaxError.self) { try read(text) }
    }

    @Test func damagedPagesNeverTrap() {
        var random = SplitMix64(seed: 21)
        let source = Array(
            "# TYPE a histogram\n# HELP a b\\n\na_bucket{le=\"0.5\",x=\"\\\\\"} 1e3 5 # {trace_id=\"1\"} 2 3\n{\"q.r\",\"s\"=\"t\"} NaN\na_created 9e30\n# EOF\n"
                .utf8)
        for round in 0..<30_000 {
            var bytes = source
            for _ in 0..<Int.random(in: 1...5, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(source[Int.random(in: 0..<source.count, using: &random)], at: place)
                }
            }
            _ = try? ScrapeTextReader.read(bytes, isOpenMetrics: round.isMultiple(of: 2), maximumSamples: 100)
            _ = try? ScrapeProtobufReader.read(bytes, maximumSamples: 100)
        }
    }
}
