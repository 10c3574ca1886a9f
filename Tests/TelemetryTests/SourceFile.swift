// Reads a Swift source far enough to tell code from comments and strings, and to find the types in it.

/// A Swift source as the layering tests see it.
struct SourceFile {
    /// From the root of the repository.
    let path: String
    let text: String
    /// The text with blanks for comments and for what stands in strings; lines stay where they are.
    let code: String
    /// The names and keywords of the code, in order.
    let words: [Word]

    /// A name or keyword.
    struct Word {
        let text: String
        /// The bytes right before and after it; zero at the ends of the text.
        let before: UInt8
        let after: UInt8
        /// Counted from 1.
        let line: Int
    }

    init(path: String, text: String) {
        self.path = path
        self.text = text
        code = CodeScanner.code(of: text)
        words = Self.words(in: code)
    }

    /// The folder below `Sources/Telemetry`; the file's own name where it lies in none.
    var folder: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[2]) : path
    }

    /// The folder below `folder`; empty where the file lies in `folder` itself.
    var room: String {
        let parts = path.split(separator: "/")
        return parts.count > 4 ? String(parts[3]) : ""
    }

    /// The types that other files can name without naming an outer type first.
    var sharedTypes: Set<String> {
        var depth = 0
        var names: Set<String> = []
        for line in code.split(separator: "\n") {
            let head = line.prefix { $0 != "{" }
            if depth == 0, !head.contains(/\b(?:private|fileprivate)\s/), let match = head.firstMatch(of: Self.declaration) {
                names.insert(String(match.1))
            }
            for byte in line.utf8 { depth += byte == UInt8(ascii: "{") ? 1 : byte == UInt8(ascii: "}") ? -1 : 0 }
        }
        return names
    }

    /// All types and type parameters that the file gives a name, at whatever depth.
    var declaredTypes: Set<String> {
        let declared = code.matches(of: Self.declaration).map { String($0.1) }
        let parameters = code.matches(of: /(?:func\s+\w+|init|subscript|struct\s+\w+|class\s+\w+|enum\s+\w+)\s*[?]?<([^>]*)>/)
            .flatMap { $0.1.split(separator: ",") }
            .compactMap { $0.firstMatch(of: /^\s*(?:let\s+|each\s+)?(\w+)/).map { String($0.1) } }
        return Set(declared + parameters)
    }

    /// All names that begin in upper case and are no member of something else than the module.
    var mentionedTypes: Set<String> {
        var names: Set<String> = []
        var previous = ""
        for word in words {
            if word.text.utf8.first.map({ (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }) == true,
                word.before != UInt8(ascii: ".") || previous == "Telemetry"
            {
                names.insert(word.text)
            }
            previous = word.text
        }
        return names
    }

    /// The modules that the file imports.
    var imports: Set<String> {
        let kinds: Set = ["struct", "class", "enum", "protocol", "typealias", "func", "var", "let"]
        var modules: Set<String> = []
        for (index, word) in words.enumerated() where word.text == "import" {
            if let module = words[(index + 1)...].first(where: { !kinds.contains($0.text) }) { modules.insert(module.text) }
        }
        return modules
    }

    private static func words(in code: String) -> [Word] {
        let bytes = Array(code.utf8)
        var words: [Word] = []
        var line = 1
        var start: Int?
        for place in 0...bytes.count {
            let byte = place < bytes.count ? bytes[place] : 0
            if isPartOfName(byte) {
                if start == nil { start = place }
                continue
            }
            if let first = start {
                let text = String(decoding: bytes[first..<place], as: UTF8.self)
                words.append(Word(text: text, before: first > 0 ? bytes[first - 1] : 0, after: byte, line: line))
                start = nil
            }
            if byte == UInt8(ascii: "\n") { line += 1 }
        }
        return words
    }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: byte == UInt8(ascii: "_") || byte >= 0x80
        }
    }

    private static var declaration: Regex<(Substring, Substring)> {
        /\b(?:struct|class|enum|protocol|actor|typealias|associatedtype)\s+([A-Z]\w*)/
    }
}

/// Walks over a source and blanks out what is no code.
private struct CodeScanner {
    private enum Place {
        /// Parentheses open since an interpolation began; nil outside of any.
        case code(parentheses: Int?)
        case string(hashes: Int, isMultiline: Bool)
        case blockComment(depth: Int)
    }

    private let bytes: [UInt8]
    private var position = 0
    private var result: [UInt8] = []
    private var places: [Place] = [.code(parentheses: nil)]

    static func code(of text: String) -> String {
        var scanner = CodeScanner(bytes: Array(text.utf8))
        while scanner.position < scanner.bytes.count { scanner.step() }
        return String(decoding: scanner.result, as: UTF8.self)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func step() {
        switch places.last ?? .code(parentheses: nil) {
        case .code(let parentheses): stepInCode(parentheses)
        case .string(let hashes, let isMultiline): stepInString(hashes, isMultiline)
        case .blockComment(let depth): stepInBlockComment(depth)
        }
    }

    private mutating func stepInCode(_ parentheses: Int?) {
        let hashes = bytes[position...].prefix { $0 == UInt8(ascii: "#") }.count
        if stands("//") {
            while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { blank(1) }
        } else if stands("/*") {
            places.append(.blockComment(depth: 1))
            blank(2)
        } else if stands("\"", after: hashes) {
            let isMultiline = stands("\"\"\"", after: hashes)
            places.append(.string(hashes: hashes, isMultiline: isMultiline))
            blank(hashes + (isMultiline ? 3 : 1))
        } else {
            if let parentheses {
                if stands("(") { replace(.code(parentheses: parentheses + 1)) }
                if stands(")") { replace(parentheses > 1 ? .code(parentheses: parentheses - 1) : nil) }
            }
            result.append(bytes[position])
            position += 1
        }
    }

    private mutating func stepInString(_ hashes: Int, _ isMultiline: Bool) {
        let marks = String(repeating: "#", count: hashes)
        if stands("\\" + marks + "(") {
            places.append(.code(parentheses: 1))
            blank(2 + hashes)
        } else if stands("\\" + marks) {
            blank(2 + hashes)
        } else if stands((isMultiline ? "\"\"\"" : "\"") + marks) {
            places.removeLast()
            blank((isMultiline ? 3 : 1) + hashes)
        } else {
            blank(1)
        }
    }

    private mutating func stepInBlockComment(_ depth: Int) {
        if stands("/*") {
            replace(.blockComment(depth: depth + 1))
            blank(2)
        } else if stands("*/") {
            replace(depth > 1 ? .blockComment(depth: depth - 1) : nil)
            blank(2)
        } else {
            blank(1)
        }
    }

    private mutating func replace(_ place: Place?) {
        places.removeLast()
        if let place { places.append(place) }
    }

    private func stands(_ text: String, after offset: Int = 0) -> Bool {
        bytes[min(bytes.count, position + offset)...].starts(with: text.utf8)
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where position < bytes.count {
            result.append(bytes[position] == UInt8(ascii: "\n") ? UInt8(ascii: "\n") : UInt8(ascii: " "))
            position += 1
        }
    }
}
