// Checks that the conformance table has every row of the specification, and that each row names tests that exist.

import Foundation
import Testing

struct ConformanceTests {
    /// The rows of the compliance matrix for tracing, metrics and logs, then the numbered rules.
    private static let expected: [String] =
        ids("T", 1...64) + ids("B", 1...2) + ids("M", 1...88) + ids("L", 1...18) + ids("R", 1...7) + ids("C", 1...19) + ids("E", 1...8)
        + ids("E", 10...30) + ids("D", 1...13) + ids("X", 1...23) + ids("X", 38...59) + ids("S", 1...17) + (1...177).map { String($0) }

    private static let deprecated: Set = ["C11", "C12"]
    private static let open: Set<String> = []

    private static func ids(_ section: String, _ numbers: ClosedRange<Int>) -> [String] {
        numbers.map { section + ($0 < 10 ? "0\($0)" : "\($0)") }
    }

    private static func testFiles() -> [SourceFile] {
        SourceTree.files(in: ["Tests"]).filter { !$0.path.hasPrefix("Tests/ExamplesTests/") }
    }

    @Test func everyRowStandsOnceAndNamesExistingTests() throws {
        let document = try String(contentsOf: SourceTree.root.appending(path: "Documentation/Conformance.md"), encoding: .utf8)
        let tests = TestNames.all(in: Self.testFiles())
        #expect(tests.contains("ConformanceTests/everyRowStandsOnceAndNamesExistingTests"), "The tests are where this test looks for them.")
        let check = ConformanceCheck(expected: Self.expected, deprecated: Self.deprecated, open: Self.open, tests: tests)
        for violation in check.violations(in: document) { Issue.record("\(violation)") }
    }

    @Test func documentAndReadmeStateTheNumberOfRowsDone() throws {
        let rows = Self.expected.filter { $0.first?.isLetter == true && !Self.deprecated.contains($0) }
        let done = rows.count - Self.open.count
        #expect(rows.count == 300)
        let document = try String(contentsOf: SourceTree.root.appending(path: "Documentation/Conformance.md"), encoding: .utf8)
        let readme = try String(contentsOf: SourceTree.root.appending(path: "README.md"), encoding: .utf8)
        #expect(document.contains("\(done) are done and \(Self.open.count) are open"))
        #expect(readme.contains("\(done) of the \(rows.count) rows"))
    }
}

/// Checks the checker: it reports each fault of a made-up table.
struct ConformanceCheckTests {
    private let check = ConformanceCheck(
        expected: ["A1", "A2", "A3"], deprecated: ["A2"], open: ["A3"], tests: ["Suite/one", "Suite/two"])

    private func violations(_ rows: String...) -> [String] {
        check.violations(
            in: "# Title\n\n| id | what | test |\n| --- | --- | --- |\n" + rows.joined(separator: "\n") + "\n\nText | with | bars.\n")
    }

    private let good = [
        "| A1 | One | `Suite/one`<br>`Suite/two` |", "| A2 | Two | left out: deprecated |", "| A3 | Three | open: the third is missing |",
    ]

    @Test func completeTableIsAccepted() {
        #expect(violations(good[0], good[1], good[2]).isEmpty)
        #expect(violations(good[0], "| A2 | Two | `Suite/two` |", "| A3 | Three | `Suite/one` |").isEmpty)
    }

    @Test func missingRepeatedOrUnknownRowIsReported() {
        #expect(violations(good[0], good[1]).count == 1)
        #expect(violations(good[0], good[1], good[2], good[0]).count == 1)
        #expect(violations(good[0], good[1], good[2], "| A4 | Four | `Suite/one` |").count == 1)
    }

    @Test(arguments: [
        "", "–", "`Suite/three`", "`Other/one`", "Suite/one", "left out: deprecated", "open: the first is missing", "`Suite/one` and more",
    ])
    func rowWithoutExistingTestIsReported(cell: String) {
        #expect(violations("| A1 | One | \(cell) |", good[1], good[2]).count == 1)
    }

    @Test func rowWithoutDescriptionIsReported() {
        #expect(violations("| A1 |  | `Suite/one` |", good[1], good[2]).count == 1)
    }

    @Test(arguments: ["open:", "open: ", "open"])
    func openRowWithoutReasonIsReported(cell: String) {
        #expect(violations(good[0], good[1], "| A3 | Three | \(cell) |").count == 1)
    }

    @Test func testNamesIncludeTheirSuites() {
        let source = """
            // Purpose.
            @Suite struct First {
                @Test func plain() {}
                @Test(arguments: [("func hidden()", 1)])
                func withArguments(_ text: String, _ number: Int) { func inner() {} }
                func helper() {}
                // @Test func commented() {}
            }
            private struct Between { func none() {} }
            @Suite(.serialized) struct Second {
                struct Nested { let a = 1 }
                @Test
                func `raw`() async throws {}
                @Test func plain<T>(_ value: T) {}
            }
            extension First { @Test func added() {} }
            """
        let names = TestNames.all(in: [SourceFile(path: "A.swift", text: source)])
        #expect(names == ["First/plain", "First/withArguments", "First/added", "Second/raw", "Second/plain"])
    }
}

/// The rules for the conformance table.
private struct ConformanceCheck {
    let expected: [String]
    let deprecated: Set<String>
    let open: Set<String>
    let tests: Set<String>

    func violations(in document: String) -> [String] {
        var found: [String] = []
        var seen: Set<String> = []
        for line in document.split(separator: "\n") where line.hasPrefix("| ") && line.hasSuffix("|") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard cells.first != "id", cells.first != "---" else { continue }
            guard cells.count == 3, expected.contains(cells[0]) else {
                found.append("No such row is known: \(line)")
                continue
            }
            if !seen.insert(cells[0]).inserted { found.append("\(cells[0]) is there twice.") }
            if cells[1].isEmpty { found.append("\(cells[0]) does not say what it is.") }
            if let fault = fault(in: cells[2], of: cells[0]) { found.append("\(cells[0]) \(fault)") }
        }
        return found + expected.filter { !seen.contains($0) }.map { "\($0) is missing." }
    }

    private func fault(in cell: String, of row: String) -> String? {
        if cell == "left out: deprecated" { return deprecated.contains(row) ? nil : "is not deprecated." }
        if cell.hasPrefix("open:") {
            guard open.contains(row) else { return "is not known to be open." }
            return cell.count > "open: ".count ? nil : "does not say what is missing."
        }
        for name in cell.split(separator: "<br>", omittingEmptySubsequences: false) {
            guard name.count > 2, name.hasPrefix("`"), name.hasSuffix("`"), tests.contains(String(name.dropFirst().dropLast())) else {
                return cell.isEmpty ? "has no test." : "names a test that does not exist: \(name)"
            }
        }
        return nil
    }
}

/// Collects the names of the tests in sources.
private enum TestNames {
    /// Returns the names of all tests, as `Suite/test`.
    static func all(in files: [SourceFile]) -> Set<String> {
        files.reduce(into: []) { $0.formUnion(names(in: $1)) }
    }

    private static func names(in file: SourceFile) -> Set<String> {
        var names: Set<String> = []
        var (suite, previous) = ("", "")
        var isTest = false
        for word in file.words {
            if word.text == "Test", word.before == UInt8(ascii: "@") { isTest = true }
            // A type outside of any braces is a suite.
            if word.depth == 0, ["struct", "class", "enum", "extension"].contains(previous) { suite = word.text }
            if previous == "func", isTest {
                names.insert("\(suite)/\(word.text)")
                isTest = false
            }
            previous = word.text
        }
        return names
    }
}
