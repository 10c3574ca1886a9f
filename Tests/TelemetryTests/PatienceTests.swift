// Holds tests to limits of time that no slow machine reaches.

import Testing

struct PatienceTests {
    /// What a test would wait for with too little patience, and what it says instead.
    private static func violations(in text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            if let name = ["HTTPServerOptions()", "GRPCServerOptions()"].first(where: { line.contains($0) }), !line.contains("\(name).") {
                return "\(name) gives up after seconds; .patient does not: \(line)"
            }
            guard line.contains("== .completed"), let limit = line.firstRange(of: ".seconds(") else { return nil }
            let seconds = line[limit.upperBound...].prefix { $0.isNumber || $0 == "_" }.filter { $0 != "_" }
            guard let seconds = Int(seconds), seconds < 60 else { return nil }
            return "\(seconds) seconds pass on a slow machine; .patience does not: \(line)"
        }
    }

    @Test func testsGiveUpOnlyOnWhatHangs() {
        let files = SourceTree.files(in: ["Tests/TelemetryTests", "Tests/ExamplesTests", "Tests/BridgesTests"])
        #expect(files.count > 500)
        for file in files where !file.path.hasSuffix("/PatienceTests.swift") {
            #expect(Self.violations(in: file.text).isEmpty, "\(file.path)")
        }
    }

    @Test func impatientLinesAreFound() {
        #expect(Self.violations(in: "var options = HTTPServerOptions()\nlet time = HTTPServerOptions().holdTime\n").count == 1)
        #expect(Self.violations(in: "#expect(await system.shutdown(within: .seconds(30)) == .completed)").count == 1)
        #expect(Self.violations(in: "#expect(await system.shutdown(within: .seconds(3_600)) == .completed)").isEmpty)
        #expect(Self.violations(in: "#expect(await system.shutdown(within: .seconds(5)) == .timedOut)").isEmpty)
    }
}
