// Asks the metadata services of clouds, which only a program that runs there can reach.

/// The metadata service of a machine or a container, at a link-local address.
///
/// All requests of a detector together take at most half a second. No proxy is asked, no name is resolved, and what does not come in time, or
/// is not what was expected, is missing: a program that runs elsewhere learns nothing.
struct MetadataService {
    /// The most bytes of one answer.
    private static let maximumByteCount = 1 << 16

    private let origin: String
    private let deadline: Deadline

    /// - Parameter linkLocal: scheme and host, as `http://169.254.169.254`.
    init(_ linkLocal: String, in sources: ResourceSources) {
        origin = sources.origin(linkLocal)
        deadline = .after(sources.patience)
    }

    /// Returns the answer to a `GET` request, or to a `PUT` request without a body, if its status is 200.
    func response(_ path: String, _ headers: [(name: String, value: String)] = [], isPut: Bool = false) -> HTTPResponse? {
        guard let url = HTTPURL(origin + path), !deadline.hasPassed else { return nil }
        let connection = BlockingHTTPConnection(to: url, maximumResponseBytes: Self.maximumByteCount)
        defer { connection.close() }
        let response =
            isPut ? try? connection.put(headers: headers, deadline: deadline) : try? connection.get(headers: headers, deadline: deadline)
        return response?.status == 200 ? response : nil
    }

    /// Returns the JSON document of an answer.
    func document(_ path: String, _ headers: [(name: String, value: String)] = []) -> JSONValue? {
        response(path, headers).flatMap { try? JSONReader.value(of: $0.body.bytes) }
    }

    /// Returns whether a URL names a link-local host, as metadata services have them, by its number.
    static func isLinkLocal(_ url: HTTPURL) -> Bool {
        let parts = url.host.split(separator: ".", omittingEmptySubsequences: false)
        return !url.isSecure && url.socketPath == nil && parts.count == 4 && parts.allSatisfy { UInt8($0) != nil } && parts[0] == "169"
            && parts[1] == "254"
    }
}

extension HTTPResponse {
    /// The body as a short text; nil if it is empty.
    var trimmedText: String? {
        let text = String(decoding: body.bytes, as: UTF8.self).trimmingWhiteSpace()
        return text.isEmpty || text.utf8.count > 1024 ? nil : String(text)
    }
}

extension Attributes {
    /// Sets what is known and not empty.
    mutating func setKnown(_ key: String, _ text: String?) {
        if let text, !text.isEmpty { self[key] = .string(text) }
    }
}
