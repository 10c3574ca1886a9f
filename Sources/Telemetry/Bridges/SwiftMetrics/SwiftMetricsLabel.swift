// Converts labels of swift-metrics, which may be any text, to instrument names.

#if SwiftMetrics
    /// The instrument name for a label.
    ///
    /// Most labels are valid names. Other labels are kept in the description, which also distinguishes
    /// instruments whose labels have the same name: both are exported, and their meter reports the conflict.
    struct SwiftMetricsLabel: Hashable {
        /// The prefix of names that would not start with a letter.
        static let prefix = "metric_"

        let text: String
        /// The description; empty if the name is the label.
        let description: String

        init(_ label: String) {
            guard !InstrumentName.isValid(label) else {
                text = label
                description = ""
                return
            }
            let name = String(String.UnicodeScalarView(label.unicodeScalars.map { Self.isAllowed($0) ? $0 : "_" }))
            text = Self.shortened(name.first?.isLetter == true ? name : Self.prefix + name, of: label)
            description = "Measured with swift-metrics, labelled \(label.prefix(InstrumentName.maximumLength).debugDescription)."
        }

        private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_", ".", "-", "/": true
            default: false
            }
        }

        /// Truncates a long name and appends a hash of the whole label, since long labels often differ only at the end.
        private static func shortened(_ name: String, of label: String) -> String {
            guard name.utf8.count > InstrumentName.maximumLength else { return name }
            let digits = String(fingerprint(label), radix: 16)
            let hash = String(repeating: "0", count: 16 - digits.count) + digits
            return name.prefix(InstrumentName.maximumLength - hash.count - 1) + "_" + hash
        }

        /// Returns the 64-bit FNV-1a hash, which is the same in every process, unlike `Hasher`.
        static func fingerprint(_ text: String) -> UInt64 {
            text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        }
    }
#endif
