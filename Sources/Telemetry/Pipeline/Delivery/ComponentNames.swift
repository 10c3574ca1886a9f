// Component names for metrics about telemetry itself.

/// Numbers the components of one kind: names that are few and the same after each start. (Semantic conventions:
/// `otel.component.name`.)
enum ComponentNames {
    private static let counts = Locked<[String: Int]>([:])

    static func next(_ kind: String) -> String {
        counts.withLock { counts in
            let number = counts[kind, default: 0]
            counts[kind] = number + 1
            return "\(kind)/\(number)"
        }
    }
}
