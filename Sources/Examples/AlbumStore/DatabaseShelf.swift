// The albums in a database.

import ExampleSupport
import Synchronization

/// Albums that outlast the process, and that replicas share.
final class DatabaseShelf: AlbumShelf {
    private static let counting: DatabaseStatement = "SELECT COUNT(*) FROM albums"
    private static let listing: DatabaseStatement =
        "SELECT id, title, artist, price, position FROM albums WHERE position > $1 ORDER BY position LIMIT $2"
    private static let finding: DatabaseStatement = "SELECT id, title, artist, price FROM albums WHERE id = $1"
    /// A conflict is an answer and not an error, which would end the transaction of a job.
    static let insertion: DatabaseStatement =
        "INSERT INTO albums (id, title, artist, price) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING RETURNING id"

    private let database: Database
    /// Relaxed: the number orders nothing else.
    private let latestCount = Atomic(0)

    init(_ database: Database) async throws {
        self.database = database
        _ = try await count()
    }

    var knownCount: Int { latestCount.load(ordering: .relaxed) }

    func count() async throws(DatabaseError) -> Int {
        let count = try await database.rows(Self.counting).first?.integer(0) ?? 0
        latestCount.store(count, ordering: .relaxed)
        return count
    }

    func albums(after position: Int, limit: Int) async throws(DatabaseError) -> AlbumPage {
        let rows = try await database.rows(Self.listing, DatabaseValue(position), DatabaseValue(limit + 1))
        let page = rows.prefix(limit)
        var albums: [Album] = []
        for row in page { albums.append(try Album(row)) }
        return AlbumPage(albums: albums, next: rows.count > limit ? try page.last?.integer(4) : nil)
    }

    func album(_ id: Int) async throws(DatabaseError) -> Album? {
        // A number beyond the column's type would be an error.
        guard Album.identifiers.contains(id), let row = try await database.rows(Self.finding, DatabaseValue(id)).first else { return nil }
        return try Album(row)
    }

    func add(_ album: Album) async throws(DatabaseError) -> Bool {
        let isAdded = try await !database.rows(Self.insertion, album.values).isEmpty
        if isAdded { noteAddition() }
        return isAdded
    }

    /// Counts an album that a job of this process has added.
    func noteAddition() { latestCount.add(1, ordering: .relaxed) }

    /// Adds those albums whose identifiers are free, a hundred with each statement.
    func add(_ albums: [Album]) async throws(DatabaseError) {
        for start in stride(from: 0, to: albums.count, by: 100) {
            let chunk = albums[start..<min(start + 100, albums.count)]
            let rows = chunk.indices.map { index in
                let first = 4 * (index - start)
                return "($\(first + 1), $\(first + 2), $\(first + 3), $\(first + 4))"
            }
            let values = rows.joined(separator: ", ")
            _ = try await database.rows(
                DatabaseStatement("INSERT INTO albums (id, title, artist, price) VALUES \(values) ON CONFLICT (id) DO NOTHING"),
                chunk.flatMap(\.values))
        }
        _ = try await count()
    }
}

extension Album {
    /// Reads the columns id, title, artist, price.
    init(_ row: DatabaseRow) throws(DatabaseError) {
        self.init(id: try row.integer(0), title: try row.text(1), artist: try row.text(2), price: try row.real(3))
    }

    /// The values of the columns id, title, artist, price.
    var values: [DatabaseValue] { [DatabaseValue(id), .text(title), .text(artist), .real(price)] }
}
