// Tests the page in a headless Chromium that Python drives, against a console that listens; skipped where either is missing.

import ExampleSupport
import Foundation
import Telemetry
import Testing

@testable import TelemetryConsole

/// The programs that the test needs.
private enum BrowserTools {
    static let python = find(["python3"])
    static let chromium = find(["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])

    private static func find(_ names: [String]) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/usr/local/bin").split(separator: ":")
        return names.lazy.flatMap { name in folders.map { "\($0)/\(name)" } }.first(where: FileManager.default.isExecutableFile)
    }
}

@Suite(.enabled(if: BrowserTools.python != nil && BrowserTools.chromium != nil, "Python 3 and Chromium are installed."))
struct ConsoleBrowserTests {
    @Test(.timeLimit(.minutes(10)))
    func viewsWorkByKeyboardAndShowHostileTelemetryAsText() async throws {
        let console = Console(SignalStores())
        var options = HTTPServerOptions()
        options.limits.body = 16 << 20
        let listener = try ServiceListener.start(host: "127.0.0.1", port: 0, options: options) { await console.respond(to: $0) }
        let url = "http://127.0.0.1:\(listener.port)"
        // Waiting for the process blocks, and would keep the console from answering on a thread of the pool.
        let (status, report) = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: Self.check(url)) }
        }
        console.stop()
        await listener.stop(within: .seconds(5))
        // 77 says that the browser does not start here, as in containers that forbid what it needs.
        guard status != 77 else { return }
        #expect(status == 0, "\(report)")
    }

    /// Runs the checks and returns their exit status with what they wrote.
    private static func check(_ url: String) -> (status: Int32, report: String) {
        let process = Process()
        let output = Pipe()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Browser/check.py").path
        process.executableURL = BrowserTools.python.map { URL(filePath: $0) }
        process.arguments = ["-B", script, url]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        do { try process.run() } catch { return (-1, "\(error)") }
        let report = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, report)
    }
}
