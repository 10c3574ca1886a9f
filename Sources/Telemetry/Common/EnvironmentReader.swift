// Reads settings from environment variables by the specification's rules.

/// Reads settings from environment variables. What does not parse is reported once and counts as not set.
///
/// (Specification: configuration, "Environment Variable Specification" and "Common"; an empty value counts as not set.)
struct EnvironmentReader: Sendable {
    private let lookUp: @Sendable (String) -> String?

    /// The variables of the process.
    static let process = EnvironmentReader { ProcessInformation.environmentVariable($0) }

    init(_ lookUp: @escaping @Sendable (String) -> String?) {
        self.lookUp = lookUp
    }

    /// Made-up variables, for tests and for programs that bring their own.
    init(_ variables: [String: String]) {
        lookUp = { variables[$0] }
    }

    /// The text without white space around it; nil when not set or empty.
    func text(_ name: String) -> String? {
        guard let value = lookUp(name) else { return nil }
        let trimmed = value.trimmingWhiteSpace()
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    /// True only for `true` in any case; anything but `true` and `false` is reported and counts as false.
    func boolean(_ name: String) -> Bool {
        guard let text = text(name) else { return false }
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        default:
            report(name, text, "true or false")
            return false
        }
    }

    /// A whole number in a range.
    func integer(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            let expected =
                range.upperBound == .max
                ? "a whole number from \(range.lowerBound)" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
            report(name, text, expected)
            return nil
        }
        return number
    }

    /// A number in a range.
    func number(_ name: String, in range: ClosedRange<Double>) -> Double? {
        guard let text = text(name) else { return nil }
        guard let number = Double(text), range.contains(number) else {
            report(name, text, "a number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// Whole milliseconds.
    func duration(_ name: String) -> Duration? {
        integer(name, in: 0...(Int.max / 1_000_000)).map { .milliseconds($0) }
    }

    /// Whole milliseconds, where 0 means no limit: some thirty years.
    func timeout(_ name: String) -> Duration? {
        duration(name).map { $0 == .zero ? .seconds(1_000_000_000) : $0 }
    }

    /// Words separated by commas, in lower case, each once.
    func list(_ name: String) -> [String]? { words(name)?.map { $0.lowercased() } }

    /// Words separated by commas as they were written, each once whatever its case.
    func words(_ name: String) -> [String]? {
        guard let text = text(name) else { return nil }
        var words: [String] = []
        var known: Set<String> = []
        for part in text.split(separator: ",") {
            let word = String(part.trimmingWhiteSpace())
            if !word.isEmpty && known.insert(word.lowercased()).inserted { words.append(word) }
        }
        return words.isEmpty ? nil : words
    }

    /// Pairs `name=value` separated by commas, percent-encoded; nil when there are none, or any of it does not parse, which is reported.
    func pairs(_ name: String) -> [(name: String, value: String)]? {
        guard let text = text(name) else { return nil }
        var pairs: [(name: String, value: String)] = []
        for part in text.split(separator: ",") where !part.trimmingWhiteSpace().isEmpty {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let key = PercentEncoding.decode(sides[0].trimmingWhiteSpace()), !key.isEmpty,
                let value = PercentEncoding.decode(sides[1].trimmingWhiteSpace())
            else {
                // Not the text itself: headers hold secrets.
                report(name, "…", "pairs name=value separated by commas, with %2C for a comma; the whole variable is left out")
                return nil
            }
            pairs.append((key, value))
        }
        return pairs.isEmpty ? nil : pairs
    }

    /// Reports a value that cannot be used, or one word of a list.
    func report(_ name: String, _ value: String, _ expected: String) {
        let complaint = complaint(name, value, expected)
        if let complaints = EnvironmentComplaints.current { return complaints.add(complaint) }
        Diagnostics.report(.warning, topic: "environment.\(name)", complaint)
    }

    /// What a report says. The words of a list come in lower case; they are shown as they were written.
    func complaint(_ name: String, _ value: String, _ expected: String) -> String {
        let written = text(name)?.split(separator: ",").map { $0.trimmingWhiteSpace() }.first { $0.lowercased() == value }
        return "\(name): \"\(written.map(String.init) ?? value)\" cannot be used; expected \(expected)."
    }
}

/// Percent-encoding in settings.
enum PercentEncoding {
    /// The text with each `%XX` replaced; nil when a `%` is not followed by two digits or the result is not UTF-8.
    static func decode(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal), let low = rest.popFirst().flatMap(hexadecimal) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The text with everything but letters, digits and `-._~` as `%XX`: a value in the query of a URL.
    static func encode(_ text: String) -> String {
        var encoded: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.append(byte)
            default: encoded += "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))".utf8
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8? {
        Character(Unicode.Scalar(digit)).hexDigitValue.map { UInt8($0) }
    }
}

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
