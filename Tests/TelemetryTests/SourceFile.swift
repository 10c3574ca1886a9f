// Reads a Swift source far enough for the tests that check sources: code without comments and strings, its words, its types.

import Foundation
import Synchronization

/// A Swift source as the layering tests see it.
struct SourceFile: Sendable {
    /// The path from the root of the repository.
    let path: String
    let text: String
    let lineCount: Int
    private let analysis: LazyAnalysis

    /// The text with blanks for comments and for the content of strings; line breaks stay.
    var code: String { analysis.of(text).code }
    /// The names and keywords of the code, in order.
    var words: [Word] { analysis.of(text).words }
    /// The types that other files can name without naming an outer type first.
    var sharedTypes: Set<String> { analysis.of(text).shared }
    /// All types and type parameters that the file declares, at whatever depth.
    var declaredTypes: Set<String> { analysis.of(text).declared }
    /// All names that begin in upper case and are no member of anything but the module.
    var mentionedTypes: Set<String> { analysis.of(text).mentioned }
    /// The names of the types, outer ones included, that the file extends at top level.
    var extendedTypes: Set<String> { analysis.of(text).extended }

    /// A name or keyword.
    struct Word {
        let text: String
        /// The bytes right before and after the word; zero at the ends of the text.
        let before: UInt8
        let after: UInt8
        /// The line, counted from 1.
        let line: Int
        /// The number of braces that are open at the word.
        let depth: Int
        /// The index in the code's bytes at which the word has ended.
        let end: Int
    }

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lineCount = Self.lineCount(of: text)
        analysis = LazyAnalysis()
    }

    /// Whether the text has these bytes anywhere, comments and strings included.
    func mentions(_ part: String) -> Bool { strstr(text, part) != nil }

    private static func lineCount(of text: String) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            guard var place = bytes.baseAddress, let last = bytes.last else { return 0 }
            let end = place + bytes.count
            var count = last == Byte.newline ? 0 : 1
            while place < end, let found = memchr(place, Int32(Byte.newline), end - place) {
                count += 1
                place = UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) + 1
            }
            return count
        }
    }

    /// What is read out of the code.
    fileprivate struct Analysis {
        let code: String
        let words: [Word]
        let shared: Set<String>
        let declared: Set<String>
        let mentioned: Set<String>
        let extended: Set<String>

        init(_ text: String) {
            let bytes = CodeScanner.code(of: text)
            code = String(decoding: bytes, as: UTF8.self)
            words = SourceFile.words(in: bytes)
            (shared, declared, mentioned, extended) = SourceFile.types(words, bytes)
        }
    }

    /// Reads the code when it is asked for, once: most files are checked by their text alone.
    private final class LazyAnalysis: Sendable {
        private let found = Mutex<Analysis?>(nil)

        func of(_ text: String) -> Analysis {
            found.withLock { found in
                if let found { return found }
                let analysis = Analysis(text)
                found = analysis
                return analysis
            }
        }
    }

    /// The folder below `Sources/Telemetry`; the file's own name if the file lies in no folder.
    var folder: String {
        let parts = path.split(separator: "/")
        return parts.count > 2 ? String(parts[2]) : path
    }

    /// The folder below `folder`; empty if the file lies in `folder` itself.
    var room: String {
        let parts = path.split(separator: "/")
        return parts.count > 4 ? String(parts[3]) : ""
    }

    /// The name of the file without its folders and its extension.
    var name: String {
        let last = path.split(separator: "/").last ?? ""
        return String(last.hasSuffix(".swift") ? last.dropLast(6) : last)
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

    private static let modifiers: Set = [
        "public", "package", "internal", "private", "fileprivate", "open", "final", "indirect", "nonisolated", "frozen",
    ]

    private static func types(
        _ words: [Word], _ code: [UInt8]
    ) -> (shared: Set<String>, declared: Set<String>, mentioned: Set<String>, extended: Set<String>) {
        var (shared, declared, mentioned, extended): (Set<String>, Set<String>, Set<String>, Set<String>) = ([], [], [], [])
        for (index, word) in words.enumerated() {
            let previous = index > 0 ? words[index - 1].text : ""
            if isUppercase(word), word.before != Byte.dot || previous == "Telemetry" { mentioned.insert(word.text) }
            switch word.text {
            case "struct", "class", "enum", "protocol", "actor", "typealias", "associatedtype":
                guard index + 1 < words.count, isUppercase(words[index + 1]), previous != "import" else { continue }
                declared.insert(words[index + 1].text)
                declared.formUnion(parameters(after: words[index + 1], code))
                let own = words[..<index].reversed().prefix { modifiers.contains($0.text) }
                if word.depth == 0, !own.contains(where: { $0.text == "private" || $0.text == "fileprivate" }) {
                    shared.insert(words[index + 1].text)
                }
            case "func" where index + 1 < words.count: declared.formUnion(parameters(after: words[index + 1], code))
            case "init", "subscript": declared.formUnion(parameters(after: word, code))
            case "extension" where word.depth == 0 && index + 1 < words.count:
                extended.insert(words[index + 1].text)
                extended.formUnion(words[(index + 2)...].prefix { $0.before == Byte.dot }.map(\.text))
            default: break
            }
        }
        return (shared, declared, mentioned, extended)
    }

    private static func isUppercase(_ word: Word) -> Bool {
        word.text.utf8.first.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") } ?? false
    }

    /// The type parameters in angle brackets right behind a word.
    private static func parameters(after word: Word, _ code: [UInt8]) -> [String] {
        var place = word.after == Byte.questionMark ? word.end + 1 : word.end
        guard place < code.count, code[place] == Byte.less else { return [] }
        var names: [String] = []
        var depth = 0
        var isNameNext = true
        while place < code.count {
            switch code[place] {
            case Byte.less: depth += 1
            case Byte.greater where code[place - 1] != Byte.dash: depth -= 1
            case Byte.comma where depth == 1: isNameNext = true
            case let byte where Byte.isPartOfName(byte) && isNameNext && depth == 1:
                let name = code[place...].prefix(while: Byte.isPartOfName)
                let text = String(decoding: name, as: UTF8.self)
                if text != "let" && text != "each" {
                    names.append(text)
                    isNameNext = false
                }
                place = name.endIndex - 1
            default: break
            }
            if depth == 0 { break }
            place += 1
        }
        return names
    }

    private static func words(in code: [UInt8]) -> [Word] {
        var words: [Word] = []
        code.withUnsafeBufferPointer { bytes in
            var line = 1
            var depth = 0
            var start = -1
            for place in 0...bytes.count {
                let byte = place < bytes.count ? bytes[place] : 0
                if Byte.isPartOfName(byte) {
                    if start < 0 { start = place }
                    continue
                }
                if start >= 0 {
                    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<place]), as: UTF8.self)
                    let before = start > 0 ? bytes[start - 1] : 0
                    words.append(Word(text: text, before: before, after: byte, line: line, depth: depth, end: place))
                    start = -1
                }
                if byte == Byte.newline {
                    line += 1
                } else if byte == Byte.openBrace {
                    depth += 1
                } else if byte == Byte.closeBrace {
                    depth -= 1
                }
            }
        }
        return words
    }
}

/// The bytes that structure a source.
private enum Byte {
    static let newline = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let dot = UInt8(ascii: ".")
    static let comma = UInt8(ascii: ",")
    static let dash = UInt8(ascii: "-")
    static let slash = UInt8(ascii: "/")
    static let star = UInt8(ascii: "*")
    static let hash = UInt8(ascii: "#")
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let questionMark = UInt8(ascii: "?")
    static let less = UInt8(ascii: "<")
    static let greater = UInt8(ascii: ">")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openParenthesis = UInt8(ascii: "(")
    static let closeParenthesis = UInt8(ascii: ")")

    private static let partsOfNames: [Bool] = (0...255).map { (byte: Int) -> Bool in
        switch byte {
        case 0x80..., 0x5F, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    static func isPartOfName(_ byte: UInt8) -> Bool { partsOfNames[Int(byte)] }
}

/// Walks over a source and blanks out comments and the content of strings.
private struct CodeScanner {
    private enum Place {
        /// The number of parentheses that are open since an interpolation began; nil outside of interpolations.
        case code(parentheses: Int?)
        case string(hashes: Int, isMultiline: Bool)
        case blockComment(depth: Int)
    }

    private var bytes: [UInt8]
    private var position = 0
    private var places: [Place] = [.code(parentheses: nil)]

    static func code(of text: String) -> [UInt8] {
        var scanner = CodeScanner(bytes: Array(text.utf8))
        while scanner.position < scanner.bytes.count { scanner.step() }
        return scanner.bytes
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

    /// Passes the code up to the next byte that may begin or end something.
    private mutating func stepInCode(_ parentheses: Int?) {
        while position < bytes.count {
            switch bytes[position] {
            case Byte.slash where byte(1) == Byte.slash:
                while position < bytes.count, bytes[position] != Byte.newline { blank(1) }
            case Byte.slash where byte(1) == Byte.star:
                places.append(.blockComment(depth: 1))
                return blank(2)
            case Byte.hash, Byte.quote:
                let hashes = bytes[position...].prefix { $0 == Byte.hash }.count
                guard byte(hashes) == Byte.quote else {
                    position += hashes
                    continue
                }
                let isMultiline = byte(hashes + 1) == Byte.quote && byte(hashes + 2) == Byte.quote
                places.append(.string(hashes: hashes, isMultiline: isMultiline))
                return blank(hashes + (isMultiline ? 3 : 1))
            case Byte.openParenthesis where parentheses != nil:
                position += 1
                return replace(.code(parentheses: (parentheses ?? 0) + 1))
            case Byte.closeParenthesis where parentheses != nil:
                position += 1
                return replace(parentheses.flatMap { $0 > 1 ? .code(parentheses: $0 - 1) : nil })
            default: position += 1
            }
        }
    }

    private mutating func stepInString(_ hashes: Int, _ isMultiline: Bool) {
        while position < bytes.count {
            switch bytes[position] {
            case Byte.backslash where hasHashes(hashes, after: 1):
                if byte(1 + hashes) == Byte.openParenthesis {
                    places.append(.code(parentheses: 1))
                    return blank(2 + hashes)
                }
                blank(2 + hashes)
            case Byte.quote where !isMultiline && hasHashes(hashes, after: 1):
                places.removeLast()
                return blank(1 + hashes)
            case Byte.quote where isMultiline && byte(1) == Byte.quote && byte(2) == Byte.quote && hasHashes(hashes, after: 3):
                places.removeLast()
                return blank(3 + hashes)
            default: blank(1)
            }
        }
    }

    private mutating func stepInBlockComment(_ depth: Int) {
        while position < bytes.count {
            if bytes[position] == Byte.slash && byte(1) == Byte.star {
                replace(.blockComment(depth: depth + 1))
                return blank(2)
            }
            if bytes[position] == Byte.star && byte(1) == Byte.slash {
                replace(depth > 1 ? .blockComment(depth: depth - 1) : nil)
                return blank(2)
            }
            blank(1)
        }
    }

    private mutating func replace(_ place: Place?) {
        places.removeLast()
        if let place { places.append(place) }
    }

    /// The byte at an offset from the position; zero behind the end.
    private func byte(_ offset: Int) -> UInt8 {
        position + offset < bytes.count ? bytes[position + offset] : 0
    }

    private func hasHashes(_ count: Int, after offset: Int) -> Bool {
        for place in 0..<count where byte(offset + place) != Byte.hash { return false }
        return true
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where position < bytes.count {
            if bytes[position] != Byte.newline { bytes[position] = Byte.space }
            position += 1
        }
    }
}
