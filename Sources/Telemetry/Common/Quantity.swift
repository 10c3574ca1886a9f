// A number with its noun, for messages.

/// A number with its noun in the singular or plural, as messages have it: `1 item`, `2 items`.
func quantity(_ count: some BinaryInteger, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
