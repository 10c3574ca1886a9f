// Dictionaries of headers as carriers.

/// A dictionary of headers; names are compared without regard to case.
extension Dictionary: CarrierReader where Key == String, Value == String {
    public func value(for name: String) -> String? {
        self[name] ?? otherSpelling(of: name).flatMap { _ in values(for: name).first }
    }

    public var names: [String] { Array(keys) }

    public func forEachValue(for name: String, _ body: (String) -> Void) {
        if let value = self[name] { return body(value) }
        guard otherSpelling(of: name) != nil else { return }
        // Sorted by spelling, since the order of a dictionary changes from run to run.
        for (_, value) in filter({ HeaderGrammar.areSameName($0.key, name) }).sorted(by: { $0.key < $1.key }) { body(value) }
    }

    private func otherSpelling(of name: String) -> String? {
        for (key, _) in self where key.utf8.count == name.utf8.count && key != name && HeaderGrammar.areSameName(key, name) {
            return key
        }
        return nil
    }
}

extension Dictionary: CarrierWriter where Key == String, Value == String {
    public mutating func setValue(_ value: String, for name: String) {
        guard updateValue(value, forKey: name) == nil else { return }
        // The same name may exist in another case, from a request that is forwarded.
        while count > 1, let other = otherSpelling(of: name) { removeValue(forKey: other) }
    }
}
