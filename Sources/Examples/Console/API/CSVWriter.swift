// Tables as text with commas, for spreadsheets and scripts.

/// Writes rows of fields by RFC 4180. Programs that open the text as a sheet find no formulas in it.
struct CSVWriter {
    /// What spreadsheets take for the beginning of a formula, or skip on the way to one.
    private static let formulaStarts: [Unicode.Scalar] = ["=", "+", "-", "@", "\t", "\r"]

    private(set) var bytes: [UInt8] = []
    private var isRowEmpty = true

    /// Begins a table with the names of its columns.
    init(columns: [StaticString]) {
        for column in columns { field("\(column)") }
        endRow()
    }

    /// Writes a text that anybody may have written: with an apostrophe before what begins as a formula, and without control characters that
    /// neither separate words nor lines.
    mutating func field(_ text: String) {
        separate()
        let isQuoted = text.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "\r"), UInt8(ascii: "\n")].contains($0) }
        if isQuoted { bytes.append(UInt8(ascii: "\"")) }
        if let first = text.unicodeScalars.first, Self.formulaStarts.contains(first) { bytes.append(UInt8(ascii: "'")) }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes.append(contentsOf: "\"\"".utf8)
            case "\t", "\r", "\n": bytes.append(UInt8(ascii: scalar))
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": bytes.append(contentsOf: "\u{FFFD}".utf8)
            default: bytes.append(contentsOf: scalar.utf8)
            }
        }
        if isQuoted { bytes.append(UInt8(ascii: "\"")) }
    }

    /// Writes a number, as which a spreadsheet may take it.
    mutating func field(_ number: some BinaryInteger) {
        separate()
        bytes.append(contentsOf: "\(number)".utf8)
    }

    mutating func endRow() {
        bytes.append(contentsOf: "\r\n".utf8)
        isRowEmpty = true
    }

    private mutating func separate() {
        if !isRowEmpty { bytes.append(UInt8(ascii: ",")) }
        isRowEmpty = false
    }
}
