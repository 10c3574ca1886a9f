// The list of albums: whole, in chunks, or page by page.

import ExampleSupport
import Telemetry

/// Answers `GET /albums`: with all albums, or with one page if the query has `limit` or `cursor`.
struct AlbumListing: Sendable {
    static let limits = 1...1000
    static let defaultLimit = 100
    /// The longest list that is answered in one piece; a longer one is streamed in chunks of so many albums.
    static let chunk = 100
    /// The longest cursor whose number fits.
    private static let longestCursor = 12

    let shelf: any AlbumShelf

    func response(to request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let (limit, cursor) = (request.queryParameter("limit"), request.queryParameter("cursor"))
        guard limit != nil || cursor != nil else { return try await whole(request) }
        return try await page(after: try Self.position(cursor), limit: try Self.limit(limit), request)
    }

    // MARK: Pages

    private func page(after position: Int, limit: Int, _ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        let (page, total): (AlbumPage, Int)
        do throws(DatabaseError) {
            (page, total) = (try await shelf.albums(after: position, limit: limit), try await shelf.count())
        } catch { throw .albumsUnavailable(error) }
        var response = AlbumRoutes.contract.response(.array(page.albums.map(\.json)), recordsBody: false, to: request)
        response.headers["X-Total-Count"] = String(total)
        if let next = page.next {
            response.headers["Link"] = "</albums?limit=\(limit)&cursor=\(String(next, radix: 36))>; rel=\"next\""
        }
        return response
    }

    private static func limit(_ text: String?) throws(Refusal) -> Int {
        guard let text else { return defaultLimit }
        guard let limit = Int(text), limits.contains(limit), String(limit) == text else {
            throw Refusal("Query parameter limit must be an integer from \(limits.lowerBound) to \(limits.upperBound)")
        }
        return limit
    }

    /// Reads a cursor: the position of a page's last album in base 36, so that callers are not tempted to compute with it.
    private static func position(_ text: String?) throws(Refusal) -> Int {
        guard let text else { return 0 }
        guard text.utf8.count <= longestCursor, let position = Int(text, radix: 36), position >= 0, String(position, radix: 36) == text
        else {
            throw Refusal("Query parameter cursor must be that of a link to the next page")
        }
        return position
    }

    // MARK: The whole list

    private func whole(_ request: ServiceRequest) async throws(Refusal) -> ServiceResponse {
        var response: ServiceResponse
        do throws(DatabaseError) {
            response = try await .jsonArray { [shelf] (position: Int?) async throws(DatabaseError) in
                let page = try await shelf.albums(after: position ?? 0, limit: Self.chunk)
                return JSONPage(page.albums.map(\.json), next: page.next)
            }
        } catch { throw .albumsUnavailable(error) }
        AlbumRoutes.contract.recordResponse(200, body: nil, to: request)
        response.spanStatus = .ok
        return response
    }
}
