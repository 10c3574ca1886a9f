// Dictionaries of headers that may each have several values, as carriers.

/// Headers by name, each with its values; names are compared without regard to case.
struct HeaderLists: CarrierReader, CarrierWriter {
    var headers: [String: [String]]

    var names: [String] { Array(headers.keys) }

    func value(for name: String) -> String? { values(for: name).first }

    func forEachValue(for name: String, _ body: (String) -> Void) {
        // Sorted by spelling, since the order of a dictionary changes from run to run.
        for (_, values) in spellings(of: name).sorted(by: { $0.key < $1.key }) { values.forEach(body) }
    }

    mutating func setValue(_ value: String, for name: String) {
        for (spelling, _) in spellings(of: name) { headers.removeValue(forKey: spelling) }
        headers[name] = [value]
    }

    private func spellings(of name: String) -> [String: [String]] { headers.filter { HeaderGrammar.areSameName($0.key, name) } }
}

extension Propagator {
    /// Writes the values of the context into headers that may each have several values; each header written has one.
    public func inject(_ context: Context, into headers: inout [String: [String]]) {
        var lists = HeaderLists(headers: headers)
        inject(context, into: &lists)
        headers = lists.headers
    }

    /// Returns the context with the values of headers that may each have several values.
    public func extract(from headers: [String: [String]], into context: Context = .current) -> Context {
        extract(from: HeaderLists(headers: headers), into: context)
    }
}
