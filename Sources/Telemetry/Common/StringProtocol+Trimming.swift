// Trimming of settings and header values.

extension StringProtocol {
    /// Returns the text without white space at its ends, line ends included: variables that are read from files end with them.
    func trimmingWhiteSpace() -> Substring {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// Returns the text without spaces and tabs at its ends.
    func trimmingSpaces() -> Substring {
        var text = Substring(self)
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
