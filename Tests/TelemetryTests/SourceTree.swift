// Loads the sources of the package for the tests that check them.

import Foundation
import Synchronization

/// The sources of the package, each of which is read once, however many tests ask for it.
enum SourceTree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static let loaded = Mutex<[String: SourceFile]>([:])

    /// Returns the Swift files in folders of the root, ordered by their paths.
    static func files(in folders: [String]) -> [SourceFile] {
        var paths: [String] = []
        for folder in folders {
            guard let names = FileManager.default.enumerator(atPath: root.appending(path: folder).path) else { continue }
            for case let name as String in names where name.hasSuffix(".swift") && !name.contains(".docc/") {
                paths.append("\(folder)/\(name)")
            }
        }
        return loaded.withLock { loaded in
            paths.sorted().compactMap { path in
                if let file = loaded[path] { return file }
                guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else { return nil }
                let file = SourceFile(path: path, text: text)
                loaded[path] = file
                return file
            }
        }
    }
}
