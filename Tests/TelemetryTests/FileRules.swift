// The rules for files as such: no circles among them, and names that tell their types.

/// The circles of files: files that use each other's types, directly or by way of others.
///
/// A file uses another if it mentions a type that only the other declares at top level.
struct FileCircles {
    /// The files by their paths, and for each the files it uses with the types it mentions of them.
    private var uses: [String: [String: Set<String>]] = [:]

    init(_ files: [SourceFile]) {
        var owners: [String: Set<String>] = [:]
        for file in files {
            for name in file.sharedTypes { owners[name, default: []].insert(file.path) }
        }
        for file in files {
            uses[file.path] = [:]
            for name in file.mentionedTypes where !file.declaredTypes.contains(name) {
                guard let paths = owners[name], let owner = paths.first, paths.count == 1 else { continue }
                uses[file.path, default: [:]][owner, default: []].insert(name)
            }
        }
    }

    /// Returns a sentence for each circle, which names its files and the types that tie them.
    var violations: [String] {
        circles.map { circle in
            let ties = circle.flatMap { path in
                (uses[path] ?? [:]).filter { circle.contains($0.key) }.sorted { $0.key < $1.key }.map { other, names in
                    "\(path) uses \(names.sorted().joined(separator: ", ")) of \(other)"
                }
            }
            return "\(circle.count) files form a circle: \(ties.joined(separator: "; "))."
        }
    }

    /// The strongly connected components of more than one file, each in the order of its paths. (Kosaraju's algorithm.)
    private var circles: [[String]] {
        let paths = uses.keys.sorted()
        var users: [String: [String]] = [:]
        for path in paths {
            for other in (uses[path] ?? [:]).keys { users[other, default: []].append(path) }
        }
        var seen: Set<String> = []
        var finished: [String] = []
        for path in paths { Self.visit(path, &seen, &finished) { Array((uses[$0] ?? [:]).keys) } }
        seen = []
        var circles: [[String]] = []
        for path in finished.reversed() where !seen.contains(path) {
            var component: [String] = []
            Self.visit(path, &seen, &component) { users[$0] ?? [] }
            if component.count > 1 { circles.append(component.sorted()) }
        }
        return circles.sorted { $0[0] < $1[0] }
    }

    /// Appends everything that can be reached and was not seen before, each path after what it leads to.
    private static func visit(_ path: String, _ seen: inout Set<String>, _ finished: inout [String], next: (String) -> [String]) {
        guard seen.insert(path).inserted else { return }
        for other in next(path).sorted() { visit(other, &seen, &finished, next: next) }
        finished.append(path)
    }
}

/// The rule for names: a file is named after a type that it declares, or `Type+Aspect.swift` if it only extends that type.
enum FileNames {
    static func violations(in files: [SourceFile]) -> [String] {
        files.compactMap { file in
            let type = String(file.name.prefix { $0 != "+" })
            if file.sharedTypes.contains(type) { return nil }
            if file.sharedTypes.isEmpty, type != file.name, file.extendedTypes.contains(type) { return nil }
            let types = file.sharedTypes.sorted().joined(separator: ", ")
            return file.sharedTypes.isEmpty
                ? "\(file.path): declares no type; name it after a type that it extends, as Type+Aspect.swift."
                : "\(file.path): declares \(types), but no type named \(type)."
        }
    }
}
