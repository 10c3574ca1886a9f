// The album store's storage: memory only, shared by all requests.

import Synchronization

/// Albums in insertion order, with unique identifiers.
final class AlbumShelf: Sendable {
    /// Bounded by the identifiers, of which there are 10,000.
    private let albums: Mutex<[Album]>

    init(_ albums: [Album] = Album.seeds) {
        self.albums = Mutex(albums)
    }

    var all: [Album] { albums.withLock { $0 } }

    subscript(id: Int) -> Album? {
        albums.withLock { albums in albums.first { $0.id == id } }
    }

    /// Adds an album; returns false if its identifier is taken.
    func add(_ album: Album) -> Bool {
        albums.withLock { albums in
            guard !albums.contains(where: { $0.id == album.id }) else { return false }
            albums.append(album)
            return true
        }
    }
}
