// Extracts the examples of a guide and compares them with a source.

import Foundation

/// The code examples of a page of documentation.
struct GuideExamples {
    /// The lines of each example, without the spaces around them.
    let blocks: [[String]]

    /// - Parameters:
    ///   - page: the page below Documentation.
    ///   - section: the heading of the section; nil for the whole page.
    ///   - language: the language of the fences; empty for blocks without one.
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

    /// Returns the examples that a source does not have word for word.
    func missing(in source: String) throws -> [String] {
        let own = Self.lines(try String(contentsOf: URL(filePath: source), encoding: .utf8))
        return blocks.filter { block in !own.indices.contains { own[$0...].starts(with: block) } }.map { $0.joined(separator: "\n") }
    }

    /// Returns the trimmed, non-empty lines of a text.
    static func lines(_ text: some StringProtocol) -> [String] {
        text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}
