// A short run of `make soak`, which exports under load and random failures.

import Testing

struct SoakTests {
    @Test(.timeLimit(.minutes(30)), arguments: [1, 2])
    func everySpanIsExportedOrCountedAsDropped(seed: Int) async throws {
        let soak = try ChildProcess("Benchmarks", arguments: ["--soak", "1", "--seed", "\(seed)"], environment: [:])
        let report = await soak.output()
        #expect(await soak.exitStatus() == 0, "\(report)")
        #expect(report.contains("accepted ") && report.contains("acknowledged by the receiver ") && report.contains("memory: "))
        #expect(!report.contains("WRONG"))
    }
}
