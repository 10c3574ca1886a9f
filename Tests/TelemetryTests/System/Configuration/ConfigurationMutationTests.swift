// Thousands of damaged configuration files: each is read or refused.

import Testing

@testable import Telemetry

@Suite(.enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct ConfigurationMutationTests {
    private static let environment = ["SHOP_NAME": "a${b}$$: [", "X": "1"]

    private static let pieces = [
        "${", "}", "${X}", "$$", "&a ", "*a", "{", "[", "]", ": ", "- ", "\n", "\t", "!!int ", "| \n", "\"", "'", "%", "? ", "---\n", "~",
        "-1", "1e999", ".nan", "99999999999999999999", "null", "[]", "{}", "\u{FEFF}", "\u{85}", "#", "<<: ", "/development", "é",
    ].map { Array($0.utf8) }

    /// The complete file, and files with one of its sections each, which take a fraction of the time and have more damage in the same place.
    private static let files: [[UInt8]] = {
        var sections: [String] = []
        for line in ConfigurationTexts.complete.split(separator: "\n") {
            if line.first != " " { sections.append("file_format: \"1.1\"\n") }
            sections[sections.count - 1] += line + "\n"
        }
        let divided = sections.filter { $0.utf8.count { $0 == 10 } > 2 }
        return [Array(ConfigurationTexts.complete.utf8)] + divided.map { Array($0.utf8) }
    }()

    private static let json = """
        {"file_format": "1.1", "resource": {"attributes": [{"name": "a", "value": "${X}"}, {"name": "b", "value": [1, 2], "type": "int_array"}]},
         "tracer_provider": {"processors": [{"batch": {"exporter": {"otlp_http": {"timeout": 10, "headers": [{"name": "x", "value": "y"}]}}}}],
         "sampler": {"parent_based": {"root": {"trace_id_ratio_based": {"ratio": 0.5}}}}}, "meter_provider": {"readers": [{"pull": {"exporter":
         {"prometheus/development": {"port": 9}}}}], "views": [{"selector": {"unit": "s"}, "stream": {"aggregation": {"drop": null}}}]},
         "instrumentation/development": {"general": {"http": {"server": {"known_methods": ["GET"]}}, "stability_opt_in_list": "http/dup"},
         "swift": {"swift-telemetry": {"http_client_metrics": ["scheme"]}}}}
        """

    /// Returns a text with a few bytes, lines or pieces removed, repeated, moved or replaced.
    private static func mutation(of text: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var text = text
        for _ in 0..<Int.random(in: 1...4, using: &random) where !text.isEmpty {
            let place = Int.random(in: 0..<text.count, using: &random)
            let end = min(text.count, place + Int.random(in: 1...40, using: &random))
            switch Int.random(in: 0..<7, using: &random) {
            case 0: text[place] = UInt8.random(in: 0...255, using: &random)
            case 1: text.removeSubrange(place..<end)
            case 2: text.insert(contentsOf: text[place..<end], at: Int.random(in: 0...text.count, using: &random))
            case 3: text.insert(contentsOf: pieces.randomElement(using: &random) ?? [], at: place)
            case 4: text.replaceSubrange(place..<end, with: pieces.randomElement(using: &random) ?? [])
            case 5: text.removeSubrange(place...)
            default:
                let lines = text.split(separator: 10, omittingEmptySubsequences: false).map(Array.init).shuffled(using: &random)
                text = Array(lines.joined(separator: [10]))
            }
        }
        return text
    }

    @Test(arguments: [TelemetryConfiguration.Format.yaml, .json])
    func tenThousandMutationsAreReadOrRefused(format: TelemetryConfiguration.Format) throws {
        var random = SplitMix64(seed: 171)
        let texts = format == .yaml ? Self.files : [Array(Self.json.utf8)]
        #expect(texts.count == (format == .yaml ? 9 : 1), "Each section has a file.")
        var (read, refused) = (0, 0)
        for round in 0..<10_000 {
            let mutation = String(decoding: Self.mutation(of: texts[round % texts.count], &random), as: UTF8.self)
            do throws(ConfigurationError) {
                let configuration = try TelemetryConfiguration.parse(mutation, format: format, environment: Self.environment)
                _ = configuration.summary()
                // What can be read is also made into components, or refused as such.
                _ = configuration.review()
                read += 1
            } catch {
                #expect(!error.problems.isEmpty, "A refusal has a problem.")
                #expect(error.problems.allSatisfy { $0.line ?? 1 >= 1 && $0.column ?? 1 >= 1 && !$0.message.isEmpty })
                refused += 1
            }
        }
        // Both happen, so that mutations are neither harmless nor hopeless.
        #expect(read > 100 && refused > 1000)
    }
}
