// Metric tables, compared with their exact text.

import Testing

@testable import Telemetry

struct MetricTableTests {
    private typealias Samples = MetricTableSamples

    private func draw(_ batch: MetricBatch, _ style: MetricTableStyle = MetricTableStyle()) -> String {
        MetricTable.text(for: batch, style: style)
    }

    private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    @Test func seriesAreAlignedBelowTheirMetricAndHistogramsShowTheirShape() {
        let expected = """
            metrics · 2026-11-21T10:52:05Z · album-store · 6 metrics · 12 series
            album-store 1.4.2
              albums.created {album} · counter · cumulative
                genre=jazz            1234
                genre=rock  new=true     7
                genre=西洋音楽          56
              queue.depth · gauge
                (no attributes)  42
              cpu.time s · counter · delta
                cpu.mode=user     +12.503
                cpu.mode=system  +1.25e-5
            http
              http.server.request.duration s · histogram · cumulative
                http.request.method=GET  http.route=/albums   count 626  avg 0.029952  min 0.0012  max  3.2  0.0012 ▁▁▄█▂▁·▁·▁ 5
                http.request.method=POST  http.route=/albums  count   8  avg   0.0625  min   0.03  max 0.12   0.025 ▆█▂        0.25
                http.request.method=PUT                       count   0
              message.size By · exponential histogram · delta
                queue=in   count 34223  avg 4383  min 0  max 1048000   0 ▁▂▃▅▆▇▇███████▇▆▅▄▃▂ 1048000
                queue=out  count     8                                16 ▂█▄                  128
              gc.pause s · summary
                (no attributes)  count 120  avg 0.03  p50 0.02  p99 0.31

            """
        #expect(draw(Samples.service, MetricTableStyle(width: 120)) == expected)
    }

    @Test func labelsThatAreTooLongStandAboveTheirValues() {
        let expected = """
            metrics · 2026-11-21T10:52:05Z · album-store · 6 metrics · 12 series
            album-store 1.4.2
              albums.created {album} · counter · cumulative
                genre=jazz            1234
                genre=rock  new=true     7
                genre=西洋音楽          56
              queue.depth · gauge
                (no attributes)  42
              cpu.time s · counter · delta
                cpu.mode=user     +12.503
                cpu.mode=system  +1.25e-5
            http
              http.server.request.duration s · histogram · cumulative
                http.request.method=GET  http.route=/albums
                  count 626  avg 0.029952  min 0.0012  max  3.2  0.0012 ▁▁▄█▂▁·▁·▁ 5
                http.request.method=POST  http.route=/albums
                  count   8  avg   0.0625  min   0.03  max 0.12   0.025 ▆█▂        0.25
                http.request.method=PUT
                  count   0
              message.size By · exponential histogram · delta
                queue=in   count 34223  avg 4383   0 ▁▂▃▅▆▇▇███████▇▆▅▄▃▂ 1048000
                queue=out  count     8            16 ▂█▄                  128
              gc.pause s · summary
                (no attributes)  count 120  avg 0.03  p50 0.02  p99 0.31

            """
        #expect(draw(Samples.service, MetricTableStyle(width: 80)) == expected)
    }

    @Test func narrowTerminalHasNoBars() {
        let expected = """
            metrics · 2026-11-21T10:52:05Z · album-…
            album-store 1.4.2
              albums.created {album} · counter · cu…
                genre=jazz            1234
                genre=rock  new=true     7
                genre=西洋音楽          56
              queue.depth · gauge
                (no attributes)  42
              cpu.time s · counter · delta
                cpu.mode=user     +12.503
                cpu.mode=system  +1.25e-5
            http
              http.server.request.duration s · hist…
                http.request.method=GET
                http.route=/albums
                  count 626  avg 0.029952
                http.request.method=POST
                http.route=/albums
                  count   8  avg   0.0625
                http.request.method=PUT
                  count   0
              message.size By · exponential histogr…
                queue=in
                  count 34223  avg 4383  min 0
                queue=out
                  count     8
              gc.pause s · summary
                (no attributes)
                  count 120  avg 0.03

            """
        #expect(draw(Samples.service, MetricTableStyle(width: 40)) == expected)
    }

    /// The indentation, the label, a space for the gap and the value.
    @Test func lineThatFitsExactlyIsNotStacked() {
        func text(_ labelWidth: Int) -> [String] {
            let attributes: Attributes = [String(repeating: "k", count: labelWidth - 2): 1]
            let metric = MetricData(name: "m", points: .gauge([Samples.number(attributes, 1)]))
            return Array(lines(draw(Samples.batch([metric]), MetricTableStyle(width: 40)))[3...])
        }
        #expect(text(33) == ["    " + String(repeating: "k", count: 31) + "=1  1"])
        #expect(text(34) == ["    " + String(repeating: "k", count: 32) + "=1", "      1"])
    }

    @Test func whereThereAreNoPointsThereIsNoText() {
        #expect(draw(MetricBatch(resource: .empty, scopes: [])).isEmpty)
        #expect(draw(Samples.batch([MetricData(name: "empty", points: .gauge([]))])).isEmpty)
        let text = draw(
            Samples.batch([MetricData(name: "empty", points: .gauge([])), MetricData(name: "m", points: .gauge([Samples.number([:], 1)]))]))
        #expect(lines(text)[1...] == ["scope", "  m · gauge", "    (no attributes)  1"])
    }

    @Test func whatWasAddedIsToldApartFromWhatThereIs() {
        func values(_ temporality: Temporality) -> [String] {
            let points = [Samples.number([:], 7), Samples.number([:], -0.5)]
            let sum = MetricData(name: "m", points: .sum(points, temporality: temporality, isMonotonic: false))
            return lines(draw(Samples.batch([sum])))[2...].map { String($0) }
        }
        #expect(values(.delta) == ["  m · up-down counter · delta", "    (no attributes)    +7", "    (no attributes)  -0.5"])
        #expect(values(.cumulative) == ["  m · up-down counter · cumulative", "    (no attributes)     7", "    (no attributes)  -0.5"])
    }

    @Test func ofMoreSeriesThanTheLimitOnlyTheNumberIsSaid() {
        let batch = MetricBatch.madeUp("m", pointCount: 1_000)
        let text = lines(draw(batch, MetricTableStyle(seriesLimit: 2)))
        #expect(text[3...] == ["    index=0  0", "    index=1  1", "    … and 998 more series"])
    }

    @Test func onATerminalNamesAreBoldAndTheRestOfTheTextIsTheSame() {
        let colored = draw(Samples.service, MetricTableStyle(isColored: true))
        #expect(colored.contains("\u{1B}[1mqueue.depth\u{1B}[0m\u{1B}[2m · gauge\u{1B}[0m"))
        let bare = colored.replacing("\u{1B}[1m", with: "").replacing("\u{1B}[2m", with: "").replacing("\u{1B}[0m", with: "")
        #expect(bare == draw(Samples.service))
    }

    @Test func nothingThatATerminalObeysGetsThrough() {
        let batch = Samples.batch(
            [
                MetricData(
                    name: "evil\u{1B}[2J", unit: "\n", points: .gauge([Samples.number(["key\r": "\u{202E}text\u{7}"], 1)]))
            ],
            scope: InstrumentationScope(name: "a\nb", version: "\t"))
        #expect(draw(batch).unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0 != "\u{202E}" })
        #expect(lines(draw(batch)).count == 4)
    }

    @Test(arguments: [0, 40, 41, 64, 80, 100, 133])
    func noLineGoesBeyondTheWidth(width: Int) {
        var random = SplitMix64(seed: 83)
        for _ in 0..<30 {
            for line in lines(draw(.random(using: &random), MetricTableStyle(width: width))) {
                #expect(TerminalText.width(of: line) <= max(40, width), "\(line)")
            }
        }
    }
}
