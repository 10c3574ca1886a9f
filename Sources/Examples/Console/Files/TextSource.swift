// Texts of configuration files that may be in files of their own.

import ExampleSupport

/// A text of the file, or that of another file, which is read for each use, so that a secret can be changed.
enum TextSource: Sendable, Equatable {
    case text(String)
    case file(String)

    /// The bytes of the text, or of the file at this moment.
    var bytes: [UInt8] {
        get throws(YAMLFileProblems) {
            switch self {
            case .text(let text): Array(text.utf8)
            case .file(let path): try YAMLFileReader.contents(of: path)
            }
        }
    }

    /// The text without the line break at its end.
    var line: String {
        get throws(YAMLFileProblems) {
            var line = String(decoding: try bytes, as: UTF8.self)
            while let last = line.last, last.isWhitespace { line.removeLast() }
            return line
        }
    }
}
