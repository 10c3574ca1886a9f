// The stamps of files.

import Foundation
import Testing

@testable import Telemetry

struct FileContentsTests {
    @Test func stampChangesWithThePermissions() async throws {
        let directory = try TemporaryDirectory()
        try directory.write([1], to: "a")
        let path = "\(directory.path)/a"
        let stamp = try #require(FileContents.Stamp(of: path))
        #expect(FileContents.Stamp(of: path) == stamp)
        // The clock of the file system may have steps of some milliseconds.
        #expect(
            try await eventually {
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
                return FileContents.Stamp(of: path) != stamp
            })
    }
}
