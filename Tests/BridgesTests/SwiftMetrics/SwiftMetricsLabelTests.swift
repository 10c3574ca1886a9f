// Conversion of swift-metrics labels to unique instrument names.

#if SwiftMetrics
    import CoreMetrics
    import Testing

    @testable import Telemetry

    struct SwiftMetricsLabelTests {
        @Test(arguments: ["requests", "http_requests_total", "com.example/queue-length", "A1"])
        func validLabelIsUnchanged(label: String) {
            let name = SwiftMetricsLabel(label)
            #expect(name.text == label && name.description.isEmpty)
        }

        @Test(arguments: [
            ("http requests", "http_requests"), ("nio:reads", "nio_reads"), ("größe", "gr__e"), ("a\nb", "a_b"),
            ("5xx", "metric_5xx"), ("_hidden", "metric__hidden"), ("", "metric_"), ("💥", "metric__"), (".", "metric_."),
        ])
        func charactersThatDoNotBelongBecomeUnderscores(label: String, name: String) {
            let made = SwiftMetricsLabel(label)
            #expect(made.text == name && made.description == "Measured with swift-metrics, labelled \(label.debugDescription).")
            #expect(InstrumentName.isValid(made.text))
        }

        @Test func labelsThatAreTooLongStayApart() {
            let (one, other) = (String(repeating: "a", count: 300) + "1", String(repeating: "a", count: 300) + "2")
            let (first, second) = (SwiftMetricsLabel(one), SwiftMetricsLabel(other))
            #expect(first.text.utf8.count == 255 && second.text.utf8.count == 255 && first.text != second.text)
            #expect(first == SwiftMetricsLabel(one))
            #expect(first.text.hasPrefix(String(repeating: "a", count: 238) + "_"))
            #expect(SwiftMetricsLabel(String(repeating: "a", count: 255)).text == String(repeating: "a", count: 255))
            // What is put before a name counts, too.
            #expect(SwiftMetricsLabel(String(repeating: "1", count: 255)).text.utf8.count == 255)
            // The published values of FNV-1a with 64 bits.
            #expect(SwiftMetricsLabel.fingerprint("") == 0xcbf2_9ce4_8422_2325)
            #expect(SwiftMetricsLabel.fingerprint("foobar") == 0x8594_4171_f739_67e8)
        }

        @Test func everyLabelHasAValidName() {
            var random = SplitMix64(seed: 42)
            for _ in 0..<2_000 {
                var label = ""
                for _ in 0..<Int.random(in: 0...300, using: &random) {
                    let scalar = Unicode.Scalar(UInt32.random(in: 0...0x2ff, using: &random)) ?? "x"
                    label.unicodeScalars.append(Bool.random(using: &random) ? scalar : "m")
                }
                #expect(InstrumentName.isValid(SwiftMetricsLabel(label).text), "\(label.debugDescription)")
            }
        }

        @Test func labelsThatComeToTheSameNameAreToldAboutAndBothAreExported() throws {
            let messages = Journal<String>()
            Diagnostics.setHandler { messages.note($0.message) }
            defer { Diagnostics.setHandler(nil) }
            let rig = try MetricRig()
            let factory = SwiftMetricsFactory(rig.meter)
            CoreMetrics.Counter(label: "queue length", factory: factory).increment(by: 1)
            CoreMetrics.Counter(label: "queue:length", factory: factory).increment(by: 2)
            CoreMetrics.Counter(label: "queue:length", factory: factory).increment(by: 2)
            let metrics = try rig.readers[0].collect().metrics
            #expect(metrics.map(\.name) == ["queue_length", "queue_length"])
            #expect(metrics.map(\.points.ints) == [[[:]: 1], [[:]: 4]])
            #expect(metrics.first?.description == "Measured with swift-metrics, labelled \"queue length\".")
            #expect(messages.entries.count { $0.contains("several metrics with the name \"queue_length\"") } == 1)
        }
    }
#endif
