// Load and random failures for a short while: every span is accounted for.

import Testing

@Suite struct SoakTests {
    @Test(.timeLimit(.minutes(3)), arguments: [1, 2])
    func everySpanIsExportedOrDroppedForAReason(seed: Int) async throws {
        let soak = try ChildProcess("Benchmarks", arguments: ["--soak", "2", "--seed", "\(seed)"], environment: [:])
        let report = await soak.output()
        #expect(await soak.exitStatus() == 0, "\(report)")
        #expect(report.contains("accepted ") && report.contains("acknowledged by the receiver ") && report.contains("memory: "))
        #expect(!report.contains("WRONG"))
    }
}
