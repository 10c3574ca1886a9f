// The bounds of what is read from a configuration file.

/// The bounds of a configuration file; beyond any of them it is refused.
enum ConfigurationLimits {
    /// Bytes of the file.
    static let bytes = 1 << 20
    /// Levels of values in values.
    static let depth = 64
    /// Values, those that aliases repeat included.
    static let nodes = 100_000
    /// Characters of one text after substitution.
    static let scalarBytes = 1 << 20
    /// Bytes of one key.
    static let keyBytes = 256
    /// Bytes of the path of a property whose place is kept.
    static let pathBytes = 1024
    /// Attributes of a resource, and headers of an exporter, in each of their lists.
    static let pairs = 1000
    /// Problems that are told; further ones are counted.
    static let problems = 100
}
