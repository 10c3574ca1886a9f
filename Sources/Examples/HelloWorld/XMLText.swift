// The little of XML that the answers of the notification service ask for.

/// Reads single texts of an XML document.
enum XMLText {
    /// Returns the text of the first element of that name; nil without one, and for one with elements in it.
    static func first(_ name: String, in document: String) -> String? {
        guard let start = document.firstRange(of: "<\(name)>")?.upperBound,
            let end = document[start...].firstRange(of: "</\(name)>")?.lowerBound
        else { return nil }
        let text = document[start..<end]
        guard !text.contains("<") else { return nil }
        return [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&apos;", "'"), ("&amp;", "&")]
            .reduce(String(text)) { $0.replacing($1.0, with: $1.1) }
    }
}
