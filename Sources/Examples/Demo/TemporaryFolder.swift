// A place for what the demo needs only while it runs.

import ExampleSupport
import Glibc

/// A new folder for files, which is removed with them.
struct TemporaryFolder: Sendable {
    let path: String

    init() throws(StartFailure) {
        let parent = ServiceEnvironment.process["TMPDIR"] ?? "/tmp"
        var template = Array("\(parent)/telemetry-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw StartFailure(
                .unavailable, "No folder can be made in \(parent): \(String(cString: strerror(errno))); TMPDIR names another.")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes the folder with all that is in it.
    func remove() { Self.remove(path) }

    private static func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard name != "." && name != ".." else { continue }
                // A folder cannot be unlinked, nor a file be removed as a folder.
                if unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
            }
            closedir(folder)
        }
        rmdir(path)
    }
}
