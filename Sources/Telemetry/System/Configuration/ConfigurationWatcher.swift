// Watches a configuration file while the program runs.

import Synchronization

/// Looks at a file four times a second from a thread of its own, and applies a change once the file has stayed the same for that long.
///
/// A change that cannot be used is reported, and what runs goes on.
final class ConfigurationWatcher: Sendable {
    /// The time between two looks.
    static let interval = Duration.milliseconds(250)

    private let path: String
    private let environment: EnvironmentReader
    private let components: ComponentProviders
    private let targets: ConfigurationTargets
    private let wake = WakeSignal()
    private let isStopped = Atomic(false)

    /// - Parameter environment: the variables that the file refers to.
    init(path: String, _ environment: EnvironmentReader, _ components: ComponentProviders, _ targets: ConfigurationTargets) {
        self.path = path
        self.environment = environment
        self.components = components
        self.targets = targets
    }

    /// Starts to watch.
    ///
    /// - Parameters:
    ///   - running: the file as it was read for the start, whatever code has changed since.
    ///   - stamp: the file's stamp before it was read for that.
    func start(_ running: TelemetryConfiguration, _ stamp: FileContents.Stamp?) {
        let isRunning = WorkerThread.start(named: "ConfigFile") { self.run(running, stamp) }
        if !isRunning { Diagnostics.report(.error, "The system gives no thread for watching \(path): changes need a restart.") }
    }

    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        wake.raise()
    }

    private func run(_ configuration: TelemetryConfiguration, _ stamp: FileContents.Stamp?) {
        var running = configuration
        var changes = StampChanges(stamp)
        while true {
            _ = wake.wait(until: .after(Self.interval))
            guard !isStopped.load(ordering: .sequentiallyConsistent) else { return }
            if changes.isDue(FileContents.Stamp(of: path)) { apply(&running) }
        }
    }

    private func apply(_ running: inout TelemetryConfiguration) {
        do throws(ConfigurationError) {
            let file = try TelemetryConfiguration.parse(file: path, setting: "file", environment)
            let change = try ConfigurationChange(from: running, to: file, targets, components)
            running = change.running
            report(change)
        } catch {
            Diagnostics.report(.error, "The changed configuration is not applied, and what runs goes on. \(error)")
        }
    }

    private func report(_ change: ConfigurationChange) {
        var parts: [String] = []
        if !change.applied.isEmpty { parts.append("is applied: \(change.applied.joined(separator: ", "))") }
        if !change.needingRestart.isEmpty { parts.append("needs a restart for: \(change.needingRestart.joined(separator: ", "))") }
        let kept = change.keptByCode.joined(separator: ", ")
        let stays = kept.isEmpty ? "" : " Code sets \(kept), which stays."
        if parts.isEmpty {
            Diagnostics.report(.info, "The configuration \(path) was written, and changes nothing.\(stays)")
        } else {
            let severity: Diagnostic.Severity = change.needingRestart.isEmpty ? .info : .warning
            Diagnostics.report(severity, "The changed configuration \(path) \(parts.joined(separator: ", and ")).\(stays)")
        }
    }
}

/// Tells from looks at a file when a change of it is to be applied.
struct StampChanges<Stamp: Equatable> {
    private var applied: Stamp?
    private var last: Stamp?

    /// - Parameter applied: the stamp of what is in force.
    init(_ applied: Stamp?) {
        (self.applied, last) = (applied, applied)
    }

    /// Takes the stamp that a look has found, and returns whether it is a new one, which the look before has found too.
    ///
    /// - Parameter present: nil for a file that is gone: it may be in the middle of a replacement.
    mutating func isDue(_ present: Stamp?) -> Bool {
        defer { last = present }
        guard let present, present == last, present != applied else { return false }
        applied = present
        return true
    }
}
