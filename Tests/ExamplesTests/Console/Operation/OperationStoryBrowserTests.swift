// The story of operation as an operator sees it: in the page, in a browser.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

@Suite(
    .enabled(if: YAMLReader.isAvailable, "libyaml is not installed"),
    .enabled(if: BrowserTools.areInstalled, "Python 3 and Chromium are installed."),
    .enabled("Chromium starts here.") { await BrowserTools.startsBrowser() })
struct OperationStoryBrowserTests {
    @Test(
        "POC-31 to 33, 44: alert, probe, webhook, map, trace and error group of a bad deploy are found in the page by keyboard, and their end",
        .timeLimit(.minutes(30)))
    func deployIsFoundInThePage() async throws {
        let scene = try await OperationScene()
        do { try await play(scene) } catch {
            await scene.stop()
            throw error
        }
        await scene.stop()
    }

    private func play(_ scene: OperationScene) async throws {
        let begin = scene.now
        let isProbed = try await eventually {
            try await scene.console.get("/data/probes")["targets"]?[0]?["success"] == true
        }
        #expect(isProbed)
        for _ in 0..<4 { #expect(try await scene.pass(.seconds(30))) }
        try await see("well", scene, from: begin)

        let deploy = scene.now
        try await scene.system.deploy(.slow("1.5.0"))
        let loud: Set = ["ErrorBudgetOfProbesBurnsFast", "HighErrorRate", "ServiceSlow"]
        let isFiring = try await scene.pass(.seconds(30), atMost: 34) { try await scene.firing().isSuperset(of: loud) }
        #expect(isFiring)
        let isSent = try await scene.pass(.seconds(30), atMost: 3) { !scene.messages(of: "ErrorBudgetOfProbesBurnsFast").isEmpty }
        #expect(isSent)
        // Requests take turns to fail; the page is looked at while the last probe has failed.
        let isDown = try await scene.pass(.seconds(30), atMost: 6) {
            try await scene.console.get("/data/probes")["targets"]?[0]?["success"] == false
        }
        #expect(isDown)
        try await see("burning", scene, from: deploy)

        let rollback = scene.now
        try await scene.system.deploy(.good)
        let isOver = try await scene.pass(.seconds(60), atMost: 40) { try await scene.firing().isDisjoint(with: loud) }
        #expect(isOver)
        try await see("resolved", scene, from: rollback)

        // The group was resolved at the time of this machine, which the story's clock passes now.
        #expect(try await scene.pass(.seconds(7_200)))
        let redeploy = scene.now
        try await scene.system.deploy(.slow("1.6.0"))
        #expect(try await scene.pass(.seconds(30)))
        try await see("regressed", scene, from: redeploy)
    }

    /// Goes through the views of a stage.
    private func see(_ stage: String, _ scene: OperationScene, from start: String) async throws {
        let (status, report) = await BrowserTools.run("story.py", [scene.url, stage, start, scene.now])
        try #require(status == 0, "\(report)")
    }
}
