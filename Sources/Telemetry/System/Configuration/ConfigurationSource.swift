// Where a configuration comes from.

/// The file of a configuration, and the places of its properties, for problems that are found when it is used.
struct ConfigurationSource: Sendable {
    /// The name of the text in messages.
    let name: String
    /// The file that can be read again; nil for a text.
    let path: String?
    /// The file's stamp before it was read; nil for a text.
    var stamp: FileContents.Stamp?
    let places: [String: ConfigurationPlace]
    let warnings: [ConfigurationProblem]
}
