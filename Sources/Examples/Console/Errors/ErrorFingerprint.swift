// Decides which errors are the same.

import ExampleSupport

/// The identity of errors: service, type, the frames of the newest calls, and the message without what changes from time to time.
struct ErrorFingerprint: Sendable {
    private static let maximumFrames = 5

    /// Sixteen hexadecimal digits.
    let id: String
    let message: String
    let frames: [String]

    init(_ error: ErrorOccurrence) {
        message = Self.normalized(error.message)
        frames = Self.frames(of: error.stack)
        var parts = ["service", error.service]
        if error.fingerprint.isEmpty {
            parts += [error.type] + frames + [message]
        } else {
            // A sender that adds to the usual grouping says so with a mark in its own.
            parts += [error.fingerprint]
            if error.fingerprint.contains("{{ default }}") { parts += [error.type] + frames + [message] }
        }
        var hash = FNV1a()
        for part in parts {
            hash.combine(part)
            hash.combine(0xFF)
        }
        id = hash.value.fingerprintText
    }

    /// Returns a message with placeholders for quoted texts, identifiers and numbers.
    static func normalized(_ message: String) -> String {
        var result = ""
        let characters = Array(message)
        var place = 0
        while place < characters.count {
            let character = characters[place]
            if "\"'`".contains(character), let end = quoteEnd(characters, place) {
                result += "<quoted>"
                place = end + 1
            } else if character.isLetter || character.isNumber || character == "_" {
                let start = place
                while place < characters.count, isWord(characters, place) { place += 1 }
                result += word(String(characters[start..<place]))
            } else {
                result.append(character)
                place += 1
            }
        }
        return result
    }

    /// Returns the place of the mark that ends a quoted text; nil where a mark is an apostrophe.
    private static func quoteEnd(_ characters: [Character], _ start: Int) -> Int? {
        if start > 0, characters[start - 1].isLetter || characters[start - 1].isNumber { return nil }
        return characters[(start + 1)...].prefix(1_024).firstIndex(of: characters[start])
    }

    /// A point, dash or colon inside of a word is part of it: of a version, an identifier or an address.
    private static func isWord(_ characters: [Character], _ place: Int) -> Bool {
        let character = characters[place]
        if character.isLetter || character.isNumber || character == "_" { return true }
        guard "-.:".contains(character), place + 1 < characters.count else { return false }
        return (characters[place + 1].isNumber || characters[place + 1].isHexDigit) && characters[place - 1].isHexDigit
    }

    private static func word(_ word: String) -> String {
        let digits = word.count { $0.isNumber }
        guard digits > 0 else { return word }
        let plain = word.filter { !"-.:".contains($0) }
        let isHexadecimal = plain.drop { $0 == "x" || $0 == "0" }.allSatisfy(\.isHexDigit)
        if plain.allSatisfy({ $0.isNumber }) { return "<number>" }
        if isHexadecimal && plain.count >= 6 || plain.count >= 16 && digits >= 4 { return "<id>" }
        // The digits of names such as x86 or order17.
        var result = ""
        var isInNumber = false
        for character in word {
            if character.isNumber {
                if !isInNumber { result += "<number>" }
                isInNumber = true
            } else {
                isInNumber = false
                result.append(character)
            }
        }
        return result
    }

    // MARK: Frames

    /// Returns the functions of the newest calls in a stack trace, newest first, without lines and addresses.
    static func frames(of stack: String) -> [String] {
        let lines = stack.split(separator: "\n").prefix(512).map { $0.drop { $0.isWhitespace } }
        // Python writes the newest call last.
        let python = lines.compactMap(pythonFrame)
        if !python.isEmpty { return Array(python.reversed().prefix(maximumFrames)) }
        let calls = lines.compactMap(callFrame)
        if !calls.isEmpty { return Array(calls.prefix(maximumFrames)) }
        return lines.filter { !$0.isEmpty }.prefix(maximumFrames).map { normalized(String($0.prefix(256))) }
    }

    /// Reads `File "/app/shop.py", line 12, in order`.
    private static func pythonFrame(_ line: Substring) -> String? {
        guard line.hasPrefix("File \""), let end = line.dropFirst(6).firstIndex(of: "\"") else { return nil }
        let file = line.dropFirst(6)[..<end].split(separator: "/").last ?? ""
        guard let name = line[end...].firstRange(of: ", in ") else { return String(file) }
        return "\(file) \(line[name.upperBound...].prefix(200))"
    }

    /// Reads `at shop.Orders.place(Orders.java:12)`, `at place (/app/orders.js:1:2)`, `main.place(...)` and `3 shop 0x000 place + 12`.
    private static func callFrame(_ line: Substring) -> String? {
        if line.hasPrefix("at ") {
            let call = line.dropFirst(3)
            let name = call.prefix { $0 != "(" }
            // A call without a name is known by its file.
            if name.contains("/"), !call.contains("(") { return file(of: call) }
            let function = name.split(separator: " ").first { $0 != "async" && $0 != "new" } ?? name
            return function.isEmpty ? file(of: call) : String(function.prefix(200))
        }
        if let open = line.firstIndex(of: "("), line.hasSuffix(")"), line[..<open].contains("."), !line[..<open].contains(" ") {
            return String(line[..<open].prefix(200))
        }
        let words = line.split(separator: " ")
        if words.count >= 4, Int(words[0]) != nil, words[2].hasPrefix("0x") { return String(words[3].prefix(200)) }
        return nil
    }

    private static func file(of call: Substring) -> String {
        let name = call.split(separator: "/").last ?? call
        return String(name.prefix { $0 != ":" && $0 != ")" }.prefix(200))
    }
}
