// `make perf`: its statistics, and a run with the services.

import ExampleSupport
import Foundation
import Telemetry
import Testing

private let hasPython = ["/usr/bin", "/usr/local/bin"].contains { FileManager.default.isExecutableFile(atPath: "\($0)/python3") }

@Suite(.enabled(if: hasPython, "Python 3 is installed.")) struct PerformanceCheckTests {
    private static let folder =
        URL(filePath: #filePath).pathComponents.dropLast(4).joined(separator: "/").dropFirst() + "/Benchmarks/Services"

    /// Runs a script of the folder; returns its exit status, and what it wrote.
    private func run(_ words: [String], in folder: TemporaryDirectory, _ environment: String = "") throws -> (status: Int32, output: String)
    {
        let script = "cd \"$1\" && shift && PYTHONDONTWRITEBYTECODE=1 \(environment) exec python3 -B \"$@\" > \"$0/output\" 2>&1"
        let (status, input) = try ShellScript.run(script, folder: folder.path, [String(Self.folder)] + words)
        close(input)
        return (status >> 8, try String(contentsOfFile: "\(folder.path)/output", encoding: .utf8))
    }

    @Test("POC-46: the test by ranks has the values of SciPy, and its verdicts are right") func statisticsAreRight() throws {
        let (status, output) = try run(["ranks_test.py"], in: TemporaryDirectory())
        #expect(status == 0 && output.contains("OK"), "\(output)")
    }

    @Test("POC-46: latencies are compared with a stored baseline, and worse ones fail with the numbers", .timeLimit(.minutes(30)))
    func latenciesAreCompared() async throws {
        let folder = try TemporaryDirectory()
        let programs = try #require(Bundle.main.executablePath.map { URL(filePath: $0).deletingLastPathComponent().path })
        let baseline = "\(folder.path)/baseline.json"
        let recorded = try run(["perf.py", programs, "record", baseline], in: folder, "ROUNDS=7 REQUESTS=10")
        #expect(recorded.status == 0 && recorded.output.contains("Recorded 7 rounds of 10 requests"), "\(recorded.output)")
        let text = try String(contentsOfFile: baseline, encoding: .utf8)
        let document = try JSONValue(parsing: Array(text.utf8))
        let routes = try #require(document["routes"])
        #expect(routes["tweet-service POST /tweet"]?["p99"]?.arrayValue?.count == 7)
        // Baselines of twenty rounds against which every measurement is slower, and faster.
        func write(_ value: String) throws {
            let values = "[\((0..<20).map { "\(value)\($0)" }.joined(separator: ","))]"
            let names = [
                "album-store GET /albums/1", "album-store GET /albums", "proxy-service GET /albums/1", "tweet-service GET /tweet/1",
                "tweet-service POST /tweet",
            ]
            let list = names.map { "\"\($0)\":{\"p50\":\(values),\"p95\":\(values),\"p99\":\(values)}" }.joined(separator: ",")
            try "{\"version\":1,\"routes\":{\(list)}}".write(toFile: baseline, atomically: true, encoding: .utf8)
        }
        try write("0.0001")
        let slower = try run(["perf.py", programs, "check", baseline], in: folder, "ROUNDS=7 REQUESTS=10")
        #expect(slower.status == 1 && slower.output.contains("15 of 15 figures are slower than the baseline allows."), "\(slower.output)")
        #expect(slower.output.contains("measuring again") && slower.output.contains("SLOWER"))
        try write("100000")
        let faster = try run(["perf.py", programs, "check", baseline], in: folder, "ROUNDS=7 REQUESTS=10")
        #expect(faster.status == 0 && faster.output.contains("Nothing is slower"), "\(faster.output)")
        try "{}".write(toFile: baseline, atomically: true, encoding: .utf8)
        let bad = try run(["perf.py", programs, "check", baseline], in: folder)
        #expect(bad.status == 65 && bad.output.contains("its version is None; it must be 1"), "\(bad.output)")
        let missing = try run(["perf.py", programs, "check", "\(folder.path)/none.json"], in: folder)
        #expect(missing.status == 66 && missing.output.contains("make perf RECORD="), "\(missing.output)")
    }
}
