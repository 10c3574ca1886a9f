// Markup of pages, in which no text from outside becomes markup.

/// HTML that is made of literals: texts and numbers in them are escaped, other HTML is not.
///
/// `"<td title=\"\(name)\">\(name)</td>" as HTML`
package struct HTML: Sendable, Hashable {
    package fileprivate(set) var text: String
}

extension HTML: ExpressibleByStringInterpolation {
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { text += literal }

        package mutating func appendInterpolation(_ html: HTML) { text += html.text }

        package mutating func appendInterpolation(_ parts: [HTML]) {
            for part in parts { text += part.text }
        }

        package mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            let description = value.description
            // Nearly all texts are without markup.
            guard description.utf8.contains(where: Self.isMarkup) else { return text += description }
            for character in description.unicodeScalars {
                switch character {
                case "&": text += "&amp;"
                case "<": text += "&lt;"
                case ">": text += "&gt;"
                case "\"": text += "&quot;"
                case "'": text += "&#39;"
                default: text.unicodeScalars.append(character)
                }
            }
        }

        private static func isMarkup(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
            default: false
            }
        }
    }

    package init(stringLiteral text: String) { self.text = text }

    package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }
}

extension ServiceResponse {
    package static func html(_ html: HTML) -> ServiceResponse { .html(html.text) }
}
