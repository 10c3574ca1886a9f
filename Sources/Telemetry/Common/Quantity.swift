// Singular and plural in messages of the SDK.

/// Returns a number with its noun in the singular or plural: `1 item`, `2 items`.
func quantity(_ count: some BinaryInteger, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
