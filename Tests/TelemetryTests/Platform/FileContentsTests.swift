// The stamps of files, and what cannot be read.

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

    @Test func onlyRegularFilesAreRead() throws {
        let directory = try TemporaryDirectory()
        let pipe = "\(directory.path)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        for (path, reason) in [(directory.path, "Is a directory"), (pipe, "Not a regular file"), ("\(pipe)s", "No such file or directory")]
        {
            let error = #expect(throws: FileError.self) { try FileContents.read(path, atMost: 10) }
            #expect(error?.description == reason)
        }
    }
}
