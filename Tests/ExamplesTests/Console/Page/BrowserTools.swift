// The browser of tests, which Python drives.

import Foundation

/// Runs the scripts of the folder `Browser`, and says whether they can run here.
enum BrowserTools {
    private static let python = find(["python3"])
    private static let chromium = find(["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])

    static var areInstalled: Bool { python != nil && chromium != nil }

    private static func find(_ names: [String]) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/usr/local/bin").split(separator: ":")
        return names.lazy.flatMap { name in folders.map { "\($0)/\(name)" } }.first(where: FileManager.default.isExecutableFile)
    }

    /// Whether the browser starts, which containers may forbid; tried once.
    static func startsBrowser() async -> Bool { await start.value }

    private static let start = Task<Bool, Never> {
        guard areInstalled else { return false }
        return await run("check.py", ["--start"]).status == 0
    }

    /// Runs a script; returns its exit status with what it wrote.
    ///
    /// Waiting for the process blocks, and would keep the console from answering on a thread of the pool.
    static func run(_ script: String, _ arguments: [String]) async -> (status: Int32, report: String) {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: runAndWait(script, arguments)) }
        }
    }

    private static func runAndWait(_ script: String, _ arguments: [String]) -> (status: Int32, report: String) {
        let process = Process()
        let output = Pipe()
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Browser/\(script)").path
        process.executableURL = python.map { URL(filePath: $0) }
        process.arguments = ["-B", path] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        do { try process.run() } catch { return (-1, "\(error)") }
        let report = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, report)
    }
}
