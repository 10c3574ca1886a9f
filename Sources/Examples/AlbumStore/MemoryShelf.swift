// The albums in the memory of the process.

import ExampleSupport
import Synchronization

/// Albums that last as long as the process.
final class MemoryShelf: AlbumShelf {
    private struct State {
        /// Bounded by the identifiers, of which there are 10,000. The position of an album is its index plus one.
        var albums: [Album] = []
        var indices: [Int: Int] = [:]

        mutating func add(_ album: Album) -> Bool {
            guard indices[album.id] == nil else { return false }
            indices[album.id] = albums.count
            albums.append(album)
            return true
        }
    }

    private let state = Mutex(State())

    init(_ albums: [Album] = Album.seeds) {
        state.withLock { state in
            for album in albums { _ = state.add(album) }
        }
    }

    var knownCount: Int { count() }

    func count() -> Int { state.withLock { $0.albums.count } }

    func albums(after position: Int, limit: Int) -> AlbumPage {
        let albums = state.withLock { $0.albums }
        let rest = albums.dropFirst(position)
        return AlbumPage(albums: Array(rest.prefix(limit)), next: rest.count > limit ? position + limit : nil)
    }

    func album(_ id: Int) -> Album? {
        state.withLock { state in state.indices[id].map { state.albums[$0] } }
    }

    func add(_ album: Album) -> Bool { state.withLock { $0.add(album) } }
}
