// Distinguished names as text.

/// Writes names of certificates as Go does: known attributes in a fixed order, the last first, others at the end as bytes.
enum X509Name {
    /// The last number of the identifiers that begin with 2.5.4, in the order of the parts.
    private static let known: [(number: UInt8, name: String)] = [
        (5, "SERIALNUMBER"), (3, "CN"), (11, "OU"), (10, "O"), (17, "POSTALCODE"), (9, "STREET"), (7, "L"), (8, "ST"), (6, "C"),
    ]

    /// - Parameter bytes: the content of the sequence.
    static func text(_ bytes: ArraySlice<UInt8>) -> String {
        var values: [UInt8: [String]] = [:]
        var others: [String] = []
        var sets = DERReader(bytes)
        while var set = sets.next(0x31) {
            while var pair = set.next(0x30) {
                guard let identifier = pair.content(0x06), let value = pair.element() else { break }
                let number = identifier.last ?? 0
                if identifier.count == 3, identifier.starts(with: [0x55, 0x04]), known.contains(where: { $0.number == number }) {
                    values[number, default: []].append(escaped(text(value)))
                } else {
                    others.append("\(dotted(identifier))=#\(HexadecimalText.text(encoded(value)))")
                }
            }
        }
        var parts: [String] = []
        for (number, name) in known {
            guard let all = values[number] else { continue }
            // A name has one common name and one serial number: the last.
            let shown = number == 3 || number == 5 ? all.suffix(1) : all[...]
            parts.append(shown.map { "\(name)=\($0)" }.joined(separator: "+"))
        }
        return (parts + others.reversed()).joined(separator: ",")
    }

    /// Returns an attribute without a name as Go encodes it: texts as PrintableString if that has all of their characters, else as UTF8String.
    private static func encoded(_ value: DERReader.Element) -> [UInt8] {
        guard [0x0C, 0x13, 0x14, 0x16, 0x1E].contains(value.tag) else { return Array(value.bytes) }
        let text = Array(text(value).utf8)
        guard text.count < 0x80 else { return Array(value.bytes) }
        let isPrintable = text.allSatisfy { byte in
            Character(Unicode.Scalar(byte)).isASCII
                && (Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber)
                || " '()+,-./:=?".utf8.contains(byte)
        }
        return [isPrintable ? 0x13 : 0x0C, UInt8(text.count)] + text
    }

    /// BMPString has two bytes a character; all other types of text have ASCII or UTF-8.
    private static func text(_ value: DERReader.Element) -> String {
        guard value.tag == 0x1E else { return String(decoding: value.content, as: UTF8.self) }
        let bytes = Array(value.content)
        let units = stride(from: 0, to: bytes.count - 1, by: 2).map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
        return String(decoding: units, as: UTF16.self)
    }

    /// Escapes what has a meaning in a name. (RFC 2253 §2.4.)
    private static func escaped(_ text: String) -> String {
        let characters = Array(text)
        return characters.enumerated().map { index, character in
            let isSpecial =
                ",+\"\\<>;".contains(character) || (character == "#" && index == 0)
                || (character == " " && (index == 0 || index == characters.count - 1))
            return isSpecial ? "\\\(character)" : String(character)
        }.joined()
    }

    /// Returns an identifier as numbers with dots. (X.690 §8.19.)
    private static func dotted(_ bytes: ArraySlice<UInt8>) -> String {
        var numbers: [UInt64] = []
        var number: UInt64 = 0
        for byte in bytes {
            number = number << 7 | UInt64(byte & 0x7F)
            if byte & 0x80 == 0 {
                if numbers.isEmpty {
                    let first = min(2, number / 40)
                    numbers += [first, number - first * 40]
                } else {
                    numbers.append(number)
                }
                number = 0
            }
        }
        return numbers.map(String.init).joined(separator: ".")
    }
}
