// The tree of a configuration file, before its meaning is known.

/// A value in a configuration file, with its place.
struct ConfigurationNode: Sendable {
    indirect enum Content: Sendable {
        case null
        case boolean(Bool)
        case integer(Int)
        case number(Double)
        case text(String)
        case sequence([ConfigurationNode])
        case mapping([Member])
        /// A value whose problem has been told already.
        case unusable
    }

    /// A key and its value.
    struct Member: Sendable {
        let key: String
        let keyPlace: ConfigurationPlace
        let value: ConfigurationNode
    }

    let content: Content
    let place: ConfigurationPlace
    /// A scalar as it is written, after substitution.
    var written = ""
    /// True if a part of the scalar comes from an environment variable.
    var isSubstituted = false
    /// The values in this one, itself included.
    var count = 1
    /// The levels of lists and mappings in this value, itself included if it is one.
    var depth = 0

    /// What the value is, for messages: `the text "abc"`. Long texts are cut.
    var noun: String {
        switch content {
        case .null: "nothing"
        case .boolean(let value): "\(value)"
        case .integer, .number: written
        case .text(let text): "the text \"\(text.count > 60 ? text.prefix(60) + "…" : text)\""
        case .sequence: "a list"
        case .mapping: "a mapping"
        case .unusable: "unusable"
        }
    }

    /// What kind of value it is, without the value.
    var plainNoun: String { if case .text = content { "a text" } else { noun } }

    var isNull: Bool { if case .null = content { true } else { false } }

    var isUnusable: Bool { if case .unusable = content { true } else { false } }
}

/// A place in a configuration file; line and column count from 1, columns in characters.
struct ConfigurationPlace: Sendable, Hashable {
    let line: Int
    let column: Int
}
