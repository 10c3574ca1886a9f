// The examples of a guide, for tests that hold them all word for word.

import Foundation

/// The examples of a page of documentation, and whether a source has them.
struct GuideExamples {
    /// The lines of each example, without the spaces around them.
    let blocks: [[String]]

    /// - Parameters:
    ///   - page: the page below Documentation.
    ///   - section: the heading of the only section that counts; nil for all of the page.
    ///   - language: what the fences name; empty for blocks without a language.
    init(_ page: String, section: String? = nil, language: String = "swift") throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Documentation/\(page)"), encoding: .utf8)
        var blocks: [[String]] = []
        var block: String?
        var isWanted = false
        var isInSection = section == nil
        for line in text.split(separator: "\n") {
            if let text = block {
                block = line == "```" ? nil : "\(text)\n\(line)"
                if block == nil && isWanted && isInSection { blocks.append(Self.lines(text)) }
            } else if line.hasPrefix("```") {
                block = ""
                isWanted = line == "```\(language)"
            } else if let section, line.hasPrefix("## ") {
                isInSection = line == "## \(section)"
            }
        }
        self.blocks = blocks
    }

    /// The examples that do not stand in a source word for word.
    func missing(in source: String) throws -> [String] {
        let own = Self.lines(try String(contentsOf: URL(filePath: source), encoding: .utf8))
        return blocks.filter { block in !own.indices.contains { own[$0...].starts(with: block) } }.map { $0.joined(separator: "\n") }
    }

    /// The lines of a text without the spaces around them, and without empty ones.
    static func lines(_ text: some StringProtocol) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}
