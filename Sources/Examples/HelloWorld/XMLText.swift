// The little of XML that the answers of the notification service ask for.

/// Reads single texts of an XML document.
enum XMLText {
    private static let references = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&apos;", "'"), ("&amp;", "&")]

    /// Returns the text of the first element of that name; nil without one, and for one with elements in it.
    static func first(_ name: String, in document: String) -> String? {
        // By bytes: to compare characters would take longer than all else that is done with an answer.
        let bytes = Array(document.utf8)
        guard let start = position(of: "<\(name)>", in: bytes, from: 0).map({ $0 + name.utf8.count + 2 }),
            let end = position(of: "</\(name)>", in: bytes, from: start)
        else { return nil }
        let text = bytes[start..<end]
        guard !text.contains(UInt8(ascii: "<")) else { return nil }
        let raw = String(decoding: text, as: UTF8.self)
        guard text.contains(UInt8(ascii: "&")) else { return raw }
        return references.reduce(raw) { $0.replacing($1.0, with: $1.1) }
    }

    private static func position(of word: String, in bytes: [UInt8], from start: Int) -> Int? {
        let word = Array(word.utf8)
        guard bytes.count - word.count >= start else { return nil }
        return bytes.withUnsafeBufferPointer { bytes in
            (start...bytes.count - word.count).first { place in
                bytes[place] == word[0] && UnsafeBufferPointer(rebasing: bytes[place..<place + word.count]).elementsEqual(word)
            }
        }
    }
}
