// Serves the page from the binary.

package import ExampleSupport
import Telemetry

/// The routes of the page: `/` and `/assets/*`.
package struct PageRoutes: Sendable {
    fileprivate struct Entry: Sendable {
        let file: PageFile
        /// The text as gzip; nil where the system has no zlib.
        let compressed: [UInt8]?
    }

    private let entries: [String: Entry]

    package init() {
        var entries: [String: Entry] = [:]
        for file in PageFiles.all {
            entries[file.path] = Entry(file: file, compressed: try? Gzip.compressed(Array(file.text.utf8)))
        }
        self.entries = entries
    }

    /// Answers a request for a file of the page; nil for all other paths.
    ///
    /// A browser keeps the files and asks each time whether they are still the same, so that a new binary shows at once.
    package func respond(to request: ServiceRequest) -> ServiceResponse? {
        guard let entry = entries[request.path] else {
            return request.path.hasPrefix("/assets/") ? .json(["error": ["message": "The page has no such file."]], status: 404) : nil
        }
        guard request.method == "GET" || request.method == "HEAD" else {
            var refusal = ServiceResponse.json(["error": ["message": "The page is read with GET."]], status: 405)
            refusal.headers["Allow"] = "GET, HEAD"
            return refusal
        }
        let isKnown = Self.isCurrent(request.headers["if-none-match"], entry.file)
        var response = isKnown ? ServiceResponse(status: 304) : entry.response(to: request)
        response.headers["ETag"] = entry.file.entityTag
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Vary"] = "Accept-Encoding"
        return response
    }

    /// Returns whether one of the tags that the browser has is the file's. (RFC 9110, section 13.1.2: the weak comparison.)
    private static func isCurrent(_ field: String?, _ file: PageFile) -> Bool {
        guard let field else { return false }
        return field.split(separator: ",").contains { item in
            let tag = item.drop { $0 == " " }.prefix { $0 != " " }
            return tag == "*" || tag == file.entityTag || "W/\(tag)" == file.entityTag
        }
    }
}

extension PageRoutes.Entry {
    func response(to request: ServiceRequest) -> ServiceResponse {
        guard let compressed, Self.acceptsGzip(request.headers["accept-encoding"]) else {
            return .text(file.text, contentType: file.contentType)
        }
        var response = ServiceResponse(status: 200, contentType: file.contentType, body: compressed)
        response.headers["Content-Encoding"] = "gzip"
        return response
    }

    /// Returns whether the field names gzip without a weight of zero. (RFC 9110, section 12.5.3.)
    private static func acceptsGzip(_ field: String?) -> Bool {
        (field ?? "").lowercased().split(separator: ",").contains { item in
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " } }
            guard parts.first == "gzip" else { return false }
            return !parts.dropFirst().contains { $0.hasPrefix("q=0") && $0.allSatisfy { "q=0.".contains($0) } }
        }
    }
}
