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
        // Bytes, since a combining mark after a space would hide it among characters, and since most texts have none.
        var bytes = Substring(self).utf8
        while bytes.first == 0x20 || bytes.first == 0x09 { bytes.removeFirst() }
        while bytes.last == 0x20 || bytes.last == 0x09 { bytes.removeLast() }
        return Substring(bytes)
    }
}
