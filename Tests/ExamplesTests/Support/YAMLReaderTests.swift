// Reading YAML: trees with lines, bounds, and texts that are none.

import ExampleSupport
import Testing

@Suite(.enabled(if: YAMLReader.isAvailable, "libyaml is not installed")) struct YAMLReaderTests {
    private func read(_ text: String, _ limits: YAMLReader.Limits = YAMLReader.Limits()) throws -> YAMLNode {
        try #require(try YAMLReader.document(Array(text.utf8), limits: limits))
    }

    private func problem(_ text: String, _ limits: YAMLReader.Limits = YAMLReader.Limits()) -> YAMLError? {
        do throws(YAMLError) {
            _ = try YAMLReader.document(Array(text.utf8), limits: limits)
            return nil
        } catch { return error }
    }

    @Test func valuesHaveTheirTextsStylesAndLines() throws {
        let node = try read("a: 5m\nb:\n  - 'x: y'\n  - |\n    one\n    two\nc: {d: ~, e: \"null\", f: true}\n")
        #expect(node["a"]?.text == "5m" && node["a"]?.line == 1 && node["a"]?.column == 4)
        let list = try #require(node["b"]?.elements)
        #expect(list[0].text == "x: y" && list[0].line == 3)
        #expect(list[1].text == "one\ntwo\n" && list[1].line == 4 && list[1].textLine == 5)
        #expect(node["c"]?["d"]?.isNull == true && node["c"]?["d"]?.text == nil)
        #expect(node["c"]?["e"]?.text == "null" && node["c"]?["f"]?.truth == true && node["c"]?["e"]?.truth == nil)
        #expect(try YAMLReader.document([]) == nil)
    }

    @Test func aliasesRepeatTheirAnchorAndAreCounted() throws {
        let node = try read("a: &x [1, 2]\nb: *x\n")
        #expect(node["b"]?.elements?.map(\.text) == ["1", "2"])
        var text = "a0: &a0 [x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text += "a\(level): &a\(level) [" + [String](repeating: "*a\(level - 1)", count: 8).joined(separator: ", ") + "]\n"
        }
        #expect(problem(text)?.reason == "the document has more than 100000 values")
        #expect(problem("a: *y\n")?.line == 1)
        // A mapping, its value and 31 or 32 lists twice.
        func chain(_ count: Int) -> String {
            "a: &a \(String(repeating: "[", count: 31))x\(String(repeating: "]", count: 31))\n"
                + "b: \(String(repeating: "[", count: count))*a\(String(repeating: "]", count: count))\n"
        }
        #expect(problem(chain(31)) == nil)
        #expect(problem(chain(32))?.reason == "values are nested more than 64 levels deep")
    }

    @Test func boundsAndSyntaxErrorsNameTheirPlace() {
        #expect(problem(String(repeating: "[", count: 70))?.reason == "values are nested more than 64 levels deep")
        var limits = YAMLReader.Limits()
        limits.bytes = 10
        #expect(problem("a: 12345678\n", limits)?.reason == "the file has 12 bytes; at most 10 are read")
        #expect(problem("a: 1\na: 2\n") == YAMLError("the key \"a\" is given twice", line: 2, column: 1))
        let error = problem("a:\n  - b\n c: d\n")
        #expect(error?.line == 3 && error?.reason.contains("did not find expected") == true)
        #expect(problem("a: \u{1}\n")?.reason.contains("control characters are not allowed") == true)
    }

    @Test func randomTextsAreReadOrRefused() {
        var generator = SplitMix64(seed: 7)
        let pieces = [
            "a: ", "- ", "\n", "  ", "[", "]", "{", "}", "&x ", "*x", "|\n", ">", "'", "\"", "#", "? ", "!!int ", "%YAML 1.1\n", "---\n",
            "\u{FF}", "x", ",",
        ]
        var counts = (read: 0, refused: 0)
        for _ in 0..<3_000 {
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 1...24, using: &generator) {
                text += Array((pieces.randomElement(using: &generator) ?? "").utf8)
                if Int.random(in: 0..<40, using: &generator) == 0 { text.append(UInt8.random(in: 0...255, using: &generator)) }
            }
            do throws(YAMLError) {
                _ = try YAMLReader.document(text)
                counts.read += 1
            } catch {
                #expect(!error.reason.isEmpty)
                counts.refused += 1
            }
        }
        #expect(counts.read > 100 && counts.refused > 100)
    }
}
