// Answers with lists of any length: they are read from a database page by page, and never held whole.

import Telemetry

/// A part of a list, and where the next one begins; nil at the end of the list.
package struct JSONPage<Cursor: Sendable>: Sendable {
    package let elements: [JSONValue]
    package let next: Cursor?

    package init(_ elements: [JSONValue], next: Cursor?) {
        self.elements = elements
        self.next = next
    }
}

extension ServiceResponse {
    /// Creates an answer with a JSON array: in one piece if it has one page, else streamed as fast as the client takes it.
    ///
    /// - Parameters:
    ///   - opening: the JSON before the first element.
    ///   - closing: the JSON after the last element.
    ///   - page: reads the page that begins at a cursor, the first one for nil.
    package static func jsonArray<Cursor: Sendable>(
        opening: String = "[", closing: String = "]",
        _ page: @escaping @Sendable (Cursor?) async throws(DatabaseError) -> JSONPage<Cursor>
    ) async throws(DatabaseError) -> ServiceResponse {
        let first = try await page(nil)
        guard first.next != nil else { return .json(opening + joined(first) + closing) }
        var response = ServiceResponse.json("")
        response.stream = { writer in
            var (current, separator) = (first, opening)
            while let cursor = current.next {
                guard await writer.write(Array((separator + joined(current)).utf8)) else { return }
                (current, separator) = (try await page(cursor), ",")
            }
            // A page may turn out to be empty where rows were removed meanwhile.
            await writer.write(Array(((current.elements.isEmpty ? "" : separator) + joined(current) + closing).utf8))
        }
        return response
    }

    /// The elements as JSON, without the brackets of an array.
    private static func joined<Cursor>(_ page: JSONPage<Cursor>) -> Substring {
        JSONValue.array(page.elements).description.dropFirst().dropLast()
    }
}
