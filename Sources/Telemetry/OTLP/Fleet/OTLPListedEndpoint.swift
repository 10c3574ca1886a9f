// An endpoint of a fleet in environment variables.

/// One endpoint of a list in a variable.
struct OTLPListedEndpoint: Sendable, Equatable {
    /// The variable that holds the list.
    let variable: String
    let text: String
    /// True if the list is that of one signal, whose endpoints are used exactly as given.
    let isOwn: Bool
}
