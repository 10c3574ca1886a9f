// Translates units for the names of metrics.

/// The words of Prometheus for UCUM units. (Specification: Prometheus compatibility, "Metric Metadata".)
package enum PrometheusUnit {
    private static let words: [String: (plural: String, singular: String)] = [
        "d": ("days", "day"), "h": ("hours", "hour"), "min": ("minutes", "minute"), "s": ("seconds", "second"),
        "ms": ("milliseconds", "millisecond"), "us": ("microseconds", "microsecond"), "ns": ("nanoseconds", "nanosecond"),
        "By": ("bytes", "byte"), "KiBy": ("kibibytes", "kibibyte"), "MiBy": ("mebibytes", "mebibyte"), "GiBy": ("gibibytes", "gibibyte"),
        "TiBy": ("tebibytes", "tebibyte"), "kBy": ("kilobytes", "kilobyte"), "KBy": ("kilobytes", "kilobyte"),
        "MBy": ("megabytes", "megabyte"), "GBy": ("gigabytes", "gigabyte"), "TBy": ("terabytes", "terabyte"), "m": ("meters", "meter"),
        "V": ("volts", "volt"), "A": ("amperes", "ampere"), "J": ("joules", "joule"), "W": ("watts", "watt"), "g": ("grams", "gram"),
        "Cel": ("celsius", "celsius"), "Hz": ("hertz", "hertz"), "%": ("percent", "percent"), "1": ("", ""),
    ]

    /// Returns the suffix for a unit; empty for none.
    ///
    /// Annotations in braces are removed, `m/s` becomes `meters_per_second`, and unknown units stay as they are, with `_` for
    /// characters that names do not allow.
    package static func word(for unit: String) -> String {
        guard !unit.isEmpty else { return "" }
        var result = ""
        for (place, part) in withoutBraces(unit).split(separator: "/", omittingEmptySubsequences: false).enumerated() {
            let part = String(part.trimmingSpaces())
            let known = words[part]
            let word = known.map { place == 0 ? $0.plural : $0.singular } ?? PrometheusText.trimmed(PrometheusText.metricName(part))
            if word.isEmpty { continue }
            if place > 0 { result += result.isEmpty ? "per_" : "_per_" }
            result += word
        }
        return result
    }

    private static func withoutBraces(_ unit: String) -> String {
        var depth = 0
        var kept = String.UnicodeScalarView()
        for scalar in unit.unicodeScalars {
            switch scalar {
            case "{": depth += 1
            case "}": depth = max(0, depth - 1)
            default: if depth == 0 { kept.append(scalar) }
            }
        }
        return String(kept)
    }
}
