// Dictionaries of headers as carriers.

/// A dictionary of headers; names are compared without regard to case.
extension Dictionary: CarrierReader where Key == String, Value == String {
    public func value(for name: String) -> String? {
        if let value = self[name] { return value }
        var first: String?
        forEachOtherSpelling(of: name) { first = first ?? $0 }
        return first
    }

    public var names: [String] { Array(keys) }

    public func forEachValue(for name: String, _ body: (String) -> Void) {
        if let value = self[name] { body(value) } else { forEachOtherSpelling(of: name, body) }
    }
}

extension Dictionary: CarrierWriter where Key == String, Value == String {
    public mutating func setValue(_ value: String, for name: String) {
        guard updateValue(value, forKey: name) == nil else { return }
        // The same name may exist in another case, from a request that is forwarded.
        removeOtherSpellings(of: name)
    }
}

extension Dictionary where Key == String {
    /// Calls the closure with the value of each other spelling of a name. Nearly always there is one at most, which needs no allocation.
    func forEachOtherSpelling(of name: String, _ body: (Value) -> Void) {
        var only: Value?
        for (key, value) in self where Self.isOtherSpelling(key, of: name) {
            guard only == nil else {
                // Sorted by spelling, since the order of a dictionary changes from run to run.
                let spellings = filter { Self.isOtherSpelling($0.key, of: name) }.sorted { $0.key < $1.key }
                return spellings.forEach { body($0.value) }
            }
            only = value
        }
        if let only { body(only) }
    }

    /// Removes the values of all other spellings of a name.
    mutating func removeOtherSpellings(of name: String) {
        while count > 1, let other = keys.first(where: { Self.isOtherSpelling($0, of: name) }) { removeValue(forKey: other) }
    }

    private static func isOtherSpelling(_ key: String, of name: String) -> Bool {
        key.utf8.count == name.utf8.count && key != name && HeaderGrammar.areSameName(key, name)
    }
}
