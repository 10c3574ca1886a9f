// Makes up albums, for demonstrations and for tests of large stores.

import ExampleSupport

/// Makes albums that follow all rules; the same seed makes the same albums.
struct AlbumBuilder {
    private static let adjectives = ["Blue", "Electric", "Hidden", "Late", "Northern", "Quiet", "Restless", "Silver", "Última", "Wild"]
    private static let nouns = ["Avenue", "Café", "Echoes", "Garden", "Harbour", "Letters", "Nights", "Sessions", "Train", "Weather"]
    private static let firstNames = ["Ada", "Benny", "Chloë", "Dexter", "Ella", "Gil", "Nina", "Oscar", "Sonny", "Zoot"]
    private static let lastNames = ["Adams", "Blakey", "Dorham", "Evans", "Núñez", "Monk", "Parker", "Rollins", "Silver", "Young"]

    private var generator: SplitMix64

    init(seed: UInt64 = 1) {
        generator = SplitMix64(seed: seed)
    }

    /// Returns albums with the identifiers from 1 on, the first ones those of a new store.
    static func albums(_ count: Int, seed: UInt64 = 1) -> [Album] {
        var builder = AlbumBuilder(seed: seed)
        return Album.seeds.prefix(count) + (Album.seeds.count..<max(count, Album.seeds.count)).map { builder.album(id: $0 + 1) }
    }

    mutating func album(id: Int) -> Album {
        precondition(Album.identifiers.contains(id), "Identifiers lie between 1 and 10,000.")
        let cents = Int.random(in: 500...20_000, using: &generator)
        return Album(
            id: id, title: "\(word(Self.adjectives)) \(word(Self.nouns)), Vol. \(Int.random(in: 1...99, using: &generator))",
            artist: "\(word(Self.firstNames)) \(word(Self.lastNames))", price: Double(cents) / 100)
    }

    private mutating func word(_ words: [String]) -> String { words[Int.random(in: words.indices, using: &generator)] }
}
