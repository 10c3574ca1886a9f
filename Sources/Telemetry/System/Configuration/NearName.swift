// Finds the name that was probably meant.

/// Finds the known name that is nearest to a mistyped one.
enum NearName {
    /// Returns the known name that differs least, by a third of its characters at most; nil if there is none.
    ///
    /// A name that differs only by its ending, as `/development`, or by case and dashes, is nearest.
    static func of(_ name: String, among known: [String]) -> String? {
        guard name.utf8.count <= 100 else { return nil }
        let plain = normal(name)
        if let same = known.first(where: { normal($0) == plain }) { return same }
        let distances = known.map { (name: $0, distance: distance(Array(plain.utf8), Array(normal($0).utf8))) }
        guard let best = distances.min(by: { $0.distance < $1.distance }), best.distance <= max(1, best.name.utf8.count / 3) else {
            return nil
        }
        return best.name
    }

    private static func normal(_ name: String) -> String {
        let stem = name.split(separator: "/", maxSplits: 1).first.map(String.init) ?? name
        return String(stem.lowercased().map { $0 == "-" || $0 == " " ? "_" : $0 })
    }

    /// Returns how many bytes must be added, removed or changed. (Levenshtein distance.)
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in 0..<right.count {
                let above = row[column + 1]
                row[column + 1] = min(above + 1, row[column] + 1, diagonal + (byte == right[column] ? 0 : 1))
                diagonal = above
            }
        }
        return row[right.count]
    }
}
