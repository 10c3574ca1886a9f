// What messages that differ in numbers, identifiers and quoted texts have in common.

import Telemetry

/// The pattern of messages, by the rules by which errors are grouped.
enum MessagePattern {
    /// Bytes of a message that are read, and of a pattern that are kept.
    static let (maximumMessageBytes, maximumPatternBytes) = (1_024, 256)

    /// Returns the pattern of a message.
    static func of(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        let read =
            message.count <= maximumMessageBytes
            ? message : UnsafeRawBufferPointer(rebasing: message[..<Untrusted.cut(message, maximumMessageBytes)])
        var pattern =
            read.contains { $0 >= 0x80 }
            ? Array(ErrorFingerprint.normalized(String(decoding: read, as: UTF8.self)).utf8) : ofASCII(read)
        if pattern.count > maximumPatternBytes || read.count < message.count { cut(&pattern) }
        return pattern
    }

    /// Ends a pattern with a whole word, so that what it says stands in its messages.
    private static func cut(_ pattern: inout [UInt8]) {
        let limit =
            pattern.count <= maximumPatternBytes ? pattern.count : pattern.withUnsafeBytes { Untrusted.cut($0, maximumPatternBytes) }
        var end = limit
        for placeholder in placeholders {
            for start in max(0, limit - placeholder.count + 1)..<limit where pattern[start...].starts(with: placeholder) { end = start }
        }
        // Beside a placeholder stands a part of a word, too.
        if end == pattern.count || pattern[end] == placeholders[0][0] || isPart(pattern[end]) {
            while end > 0, isPart(pattern[end - 1]) { end -= 1 }
        }
        // One word without an end is still told apart.
        pattern.removeLast(pattern.count - (end > 0 ? end : limit))
    }

    private static let placeholders = ["<quoted>", "<number>", "<id>"].map { Array($0.utf8) }

    private static func isPart(_ byte: UInt8) -> Bool { isWordByte(byte) || byte >= 0x80 }

    /// Does what `ErrorFingerprint.normalized` does, for bytes that are ASCII; every record of the log store comes by here.
    private static func ofASCII(_ text: UnsafeRawBufferPointer) -> [UInt8] {
        var pattern: [UInt8] = []
        pattern.reserveCapacity(text.count)
        var place = 0
        while place < text.count {
            let byte = text[place]
            if byte == 0x22 || byte == 0x27 || byte == 0x60, let end = quoteEnd(text, place) {
                pattern += "<quoted>".utf8
                place = end + 1
            } else if isWordByte(byte) {
                let start = place
                while place < text.count, isWord(text, place) { place += 1 }
                append(UnsafeRawBufferPointer(rebasing: text[start..<place]), to: &pattern)
            } else {
                pattern.append(byte)
                place += 1
            }
        }
        return pattern
    }

    private static func quoteEnd(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int? {
        if start > 0, isLetter(text[start - 1]) || isDigit(text[start - 1]) { return nil }
        return text[(start + 1)...].prefix(1_024).firstIndex(of: text[start])
    }

    private static func isWord(_ text: UnsafeRawBufferPointer, _ place: Int) -> Bool {
        let byte = text[place]
        if isWordByte(byte) { return true }
        guard byte == 0x2D || byte == 0x2E || byte == 0x3A, place + 1 < text.count else { return false }
        return isHexadecimal(text[place + 1]) && isHexadecimal(text[place - 1])
    }

    private static func append(_ word: UnsafeRawBufferPointer, to pattern: inout [UInt8]) {
        let digits = word.count(where: isDigit)
        guard digits > 0 else { return pattern.append(contentsOf: word) }
        var (length, hasLetter, isNumber, isLeading) = (0, false, true, true)
        for byte in word where byte != 0x2D && byte != 0x2E && byte != 0x3A {
            length += 1
            if !isDigit(byte) { isNumber = false }
            if isLeading, byte == 0x78 || byte == 0x30 { continue }
            isLeading = false
            if !isHexadecimal(byte) { hasLetter = true }
        }
        if isNumber { return pattern.append(contentsOf: "<number>".utf8) }
        if !hasLetter && length >= 6 || length >= 16 && digits >= 4 { return pattern.append(contentsOf: "<id>".utf8) }
        var isInNumber = false
        for byte in word {
            if !isDigit(byte) { pattern.append(byte) } else if !isInNumber { pattern.append(contentsOf: "<number>".utf8) }
            isInNumber = isDigit(byte)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    private static func isHexadecimal(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- 0x61 < 6 }

    private static func isWordByte(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) || byte == 0x5F }
}
