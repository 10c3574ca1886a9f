// Keeps the demo readable in narrow terminals, which would break lines in the middle of words.

/// Breaks lines at spaces.
enum LineWrapping {
    /// Returns the text in lines of at most that many columns; a word that is longer than a line stays whole.
    ///
    /// - Parameters:
    ///   - indent: the columns before the first line.
    ///   - hangingIndent: the columns before every other line.
    static func wrap(_ text: String, columns: Int, indent: Int, hangingIndent: Int) -> String {
        var lines: [String] = []
        var line = String(repeating: " ", count: indent)
        var isEmpty = true
        // Runs of spaces align columns, so they are kept within a line.
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !isEmpty, line.count + 1 + word.count > columns {
                while line.last == " " { line.removeLast() }
                lines.append(line)
                (line, isEmpty) = (String(repeating: " ", count: hangingIndent), true)
            }
            if isEmpty, word.isEmpty, !lines.isEmpty { continue }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return (lines + [line]).joined(separator: "\n")
    }
}
