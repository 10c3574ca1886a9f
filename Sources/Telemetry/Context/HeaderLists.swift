// Dictionaries of headers that may each have several values, as carriers.

/// Headers by name, each with its values; names are compared without regard to case.
///
/// As in `[String: String]`, the values under exactly the name that is looked up count alone. Without them those under all other spellings
/// count, in the order of the spellings. Setting a value removes all other spellings.
struct HeaderLists: CarrierReader, CarrierWriter {
    var headers: [String: [String]]

    var names: [String] { Array(headers.keys) }

    func value(for name: String) -> String? {
        if let value = headers[name]?.first { return value }
        var first: String?
        headers.forEachOtherSpelling(of: name) { values in first = first ?? values.first }
        return first
    }

    func forEachValue(for name: String, _ body: (String) -> Void) {
        if let values = headers[name], !values.isEmpty { return values.forEach(body) }
        headers.forEachOtherSpelling(of: name) { $0.forEach(body) }
    }

    mutating func setValue(_ value: String, for name: String) {
        headers[name] = [value]
        headers.removeOtherSpellings(of: name)
    }
}

extension Propagator {
    /// Writes the values of the context into headers that may each have several values; each header written has one.
    public func inject(_ context: Context, into headers: inout [String: [String]]) {
        // Swapped, since a copy that shares its storage would be copied whole by the first value set.
        var lists = HeaderLists(headers: [:])
        swap(&lists.headers, &headers)
        inject(context, into: &lists)
        swap(&lists.headers, &headers)
    }

    /// Returns the context with the values of headers that may each have several values.
    ///
    /// Names are compared without regard to case; where a header is there in the spelling of the specification, other spellings are ignored.
    public func extract(from headers: [String: [String]], into context: Context = .current) -> Context {
        extract(from: HeaderLists(headers: headers), into: context)
    }
}
