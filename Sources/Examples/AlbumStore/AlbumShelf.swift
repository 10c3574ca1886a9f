// The album store's storage: what the routes need of it.

import ExampleSupport

/// Albums in insertion order, with unique identifiers.
protocol AlbumShelf: Sendable {
    /// The number of albums as this process last saw it, for metrics; other replicas may have added some.
    var knownCount: Int { get }

    func count() async throws(DatabaseError) -> Int

    /// Returns the albums after a position, 0 for those from the first one.
    func albums(after position: Int, limit: Int) async throws(DatabaseError) -> AlbumPage

    func album(_ id: Int) async throws(DatabaseError) -> Album?

    /// Adds an album; returns false if its identifier is taken.
    func add(_ album: Album) async throws(DatabaseError) -> Bool
}

/// Some albums in their order.
struct AlbumPage: Sendable, Hashable {
    let albums: [Album]
    /// The position of the last of them; nil if no album follows.
    let next: Int?
}
