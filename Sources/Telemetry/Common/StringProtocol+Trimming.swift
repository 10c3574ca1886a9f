// Texts without the white space around them.

extension StringProtocol {
    /// The text without white space at its ends: what files leave behind when variables are read from them, line ends included.
    func trimmingWhiteSpace() -> Substring {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    /// The text without spaces and tabs at its ends.
    func trimmingSpaces() -> Substring {
        var text = Substring(self)
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
