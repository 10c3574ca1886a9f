// The album store's one entity: its rules, its JSON and the albums that a new store has.

import ExampleSupport

/// An album of the store.
struct Album: Sendable, Hashable {
    let id: Int
    let title: String
    let artist: String
    let price: Double

    static let identifiers = 1...10_000

    /// The albums of a store that has just started.
    static let seeds = [
        Album(id: 1, title: "Blue Train", artist: "John Coltrane", price: 56.99),
        Album(id: 2, title: "Jeru", artist: "Gerry Mulligan", price: 17.99),
        Album(id: 3, title: "Sarah Vaughan and Clifford Brown", artist: "Sarah Vaughan", price: 39.99),
    ]

    var json: JSONValue {
        ["id": .integer(Int64(id)), "title": .string(title), "artist": .string(artist), "price": .number(price)]
    }
}

extension Album {
    /// Reads an album; errors are reported in the order of the fields here.
    init(_ fields: inout JSONFields) {
        id = fields.integer("id", in: Self.identifiers)
        title = fields.text("title", length: 2...1000)
        artist = fields.text("artist", length: 2...1000)
        price = fields.number("price", in: 0...10_000)
    }
}
