// An endpoint of a fleet in environment variables, and the rule of each list of endpoints.

/// One endpoint of a list in a variable.
struct OTLPListedEndpoint: Sendable, Equatable {
    /// What is wrong with a list of endpoints, wherever it was given.
    struct ListProblem: Sendable, Equatable {
        /// The number of the endpoint, from zero; nil if it is the whole list.
        let index: Int?
        let value: String
        let expected: String
    }

    /// The endpoints that an exporter may be given.
    private static let maximumCount = 64

    /// The variable that holds the list.
    let variable: String
    let text: String
    /// The endpoint in errors.
    let shown: String
    /// True if the list is that of one signal, whose endpoints are used exactly as given.
    let isOwn: Bool

    /// Returns what is wrong with a list of endpoints; nil for one that is not too long and has each once.
    static func problem(of endpoints: [String]) -> ListProblem? {
        if endpoints.count > maximumCount {
            return ListProblem(
                index: nil, value: "\(endpoints.count) endpoints", expected: "at most \(maximumCount), or a name for them all")
        }
        guard let index = endpoints.indices.first(where: { endpoints[..<$0].contains(endpoints[$0]) }) else { return nil }
        return ListProblem(index: index, value: HTTPURL.withoutUserInformation(endpoints[index]), expected: "each endpoint once")
    }
}
