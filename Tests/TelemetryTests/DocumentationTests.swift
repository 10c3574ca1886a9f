// Checks that doc comments have the statements that the specification requires.

import Foundation
import Testing

struct DocumentationTests {
    private static let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Sources/Telemetry")

    /// Returns the doc comments of a file as running text.
    private static func comments(_ path: String) throws -> String {
        try String(contentsOf: sources.appending(path: path), encoding: .utf8).split(separator: "\n")
            .map { $0.drop { $0 == " " } }.filter { $0.hasPrefix("/// ") }.map { $0.dropFirst(4) }.joined(separator: " ")
    }

    @Test func docCommentPrefersAttributesAtSpanStart() throws {
        let text = "Prefer to give attributes when the span is started: samplers see only those."
        #expect(try Self.comments("Tracing/TraceSpan.swift").contains(text))
    }

    @Test func docCommentStatesThatNullIsUndefined() throws {
        let text = "null. What a receiver makes of it is not defined"
        #expect(try Self.comments("Common/AttributeValue.swift").contains(text))
    }

    @Test func docCommentWarnsOfRemovedAttributesOnExemplars() throws {
        let text = "Attributes that are taken away may still turn up on exemplars, as their filtered attributes."
        let comments = try Self.comments("Metrics/Views/MetricView.swift")
        // Lines of a parameter's text are indented.
        #expect(comments.split(separator: " ").joined(separator: " ").contains(text))
        #expect(comments.contains("switch exemplars off"))
    }

    @Test func hummingbirdProgramOfTheReadmeIsTheExample() throws {
        let examples = try GuideExamples("../README.md", section: "With Hummingbird and other frameworks")
        #expect(examples.blocks.count == 1)
        let root = Self.sources.deletingLastPathComponent().deletingLastPathComponent()
        let program = root.appending(path: "Documentation/Examples/HummingbirdServer/Sources/Shop/main.swift")
        #expect(try examples.missing(in: program.path) == [])
    }

    @Test func configurationGuideListsEveryEnvironmentVariable() throws {
        let page = Self.sources.deletingLastPathComponent().deletingLastPathComponent().appending(path: "Documentation/Configuration.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let files = try #require(FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil))
        var names: Set<String> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            // Whole literals only: prefixes of names end with an underscore.
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: /"(OTEL_[A-Z_]*[A-Z])"/) {
                names.insert(String(match.1))
            }
        }
        #expect(names.count > 20)
        #expect(names.filter { !text.contains($0) }.sorted() == [])
    }
}
