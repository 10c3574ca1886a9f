// Replaces references to groups in templates.

extension PatternProgram {
    /// Returns the template with `$1`, `${1}`, `$name` and `${name}` replaced by the groups of a match in the text.
    func expand(_ template: String, _ groups: [Range<Int>?], of text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        let source = Array(template.unicodeScalars)
        var result = String.UnicodeScalarView()
        var place = 0
        while place < source.count {
            guard source[place] == "$", place + 1 < source.count else {
                result.append(source[place])
                place += 1
                continue
            }
            if source[place + 1] == "$" {
                result.append("$")
                place += 2
                continue
            }
            let isBraced = source[place + 1] == "{"
            var end = place + (isBraced ? 2 : 1)
            var name = ""
            while end < source.count, PatternClass.word.contains(source[end]) {
                name.unicodeScalars.append(source[end])
                end += 1
            }
            guard !name.isEmpty, !isBraced || (end < source.count && source[end] == "}") else {
                result.append(source[place])
                place += 1
                continue
            }
            if isBraced { end += 1 }
            if let group = Int(name) ?? groupNames[name], groups.indices.contains(group), let range = groups[group] {
                result.append(contentsOf: scalars[range])
            }
            place = end
        }
        return String(result)
    }
}
