// One file of the page, as the binary carries it.

/// A file that a browser loads, with what its response says of it.
package struct PageFile: Sendable {
    package let path: String
    package let contentType: String
    /// A digest of the text, weak because it stands for the compressed text as well. (RFC 9110, section 8.8.3.)
    package let entityTag: String
    package let text: String

    init(path: String, contentType: String, entityTag: String, text: String) {
        self.path = path
        self.contentType = contentType
        self.entityTag = "W/\"\(entityTag)\""
        self.text = text
    }
}
