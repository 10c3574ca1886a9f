// The albums in memory, safe to use from any number of requests at once.

import Synchronization

/// Albums in the order in which they were added; no two have the same identifier.
final class AlbumShelf: Sendable {
    /// Identifiers end at 10,000, and so does the shelf.
    private let albums: Mutex<[Album]>

    init(_ albums: [Album] = Album.seeds) {
        self.albums = Mutex(albums)
    }

    var all: [Album] { albums.withLock { $0 } }

    subscript(id: Int) -> Album? {
        albums.withLock { albums in albums.first { $0.id == id } }
    }

    /// Adds an album; false when its identifier is taken.
    func add(_ album: Album) -> Bool {
        albums.withLock { albums in
            guard !albums.contains(where: { $0.id == album.id }) else { return false }
            albums.append(album)
            return true
        }
    }
}
