// The environment variables of alerts.

package import ExampleSupport
import Telemetry

extension AlertManager {
    private static let maximumFiles = 64
    /// The name of the state in the file of the console.
    private static let document = "alerts"

    /// Reads the files of `ALERT_RULES` and `ALERT_ROUTES`, and begins to evaluate; without rules there is nothing to evaluate.
    ///
    /// - Throws: all errors of all files at once.
    package static func start(
        _ environment: ServiceEnvironment, _ stores: SignalStores, archive: RunArchive? = nil
    ) throws(StartFailure) -> AlertManager {
        var options = Options()
        options.externalURL = try externalURL(environment)
        let interval = try environment.number("ALERT_INTERVAL", default: 60, in: 1...86_400)
        var problems: [YAMLFileProblem] = []
        let paths = environment.list("ALERT_RULES")
        guard paths.count <= maximumFiles else {
            throw StartFailure(.configuration, "ALERT_RULES has \(paths.count) files; at most \(maximumFiles) are read.")
        }
        for path in paths {
            do throws(YAMLFileProblems) {
                options.groups += try RuleFileReader.groups(
                    try YAMLFileReader.contents(of: path), file: path, interval: Int64(interval) * 1_000)
            } catch { problems += error.problems }
        }
        if let path = environment["ALERT_ROUTES"] {
            do throws(YAMLFileProblems) {
                options.routing = try RoutingFileReader.routing(try YAMLFileReader.contents(of: path), file: path)
            } catch {
                problems += error.problems
            }
        }
        guard problems.isEmpty else {
            throw StartFailure(.configuration, "ALERT_RULES and ALERT_ROUTES cannot be used:\n\(YAMLFileProblems(problems: problems))")
        }
        let manager = AlertManager(stores, options, saved: archive?.document(document))
        archive?.store(document: document, every: .seconds(1)) { manager.changedDocument() }
        try manager.start()
        return manager
    }

    /// The address of the console for people: `EXTERNAL_URL`, or where it listens.
    private static func externalURL(_ environment: ServiceEnvironment) throws(StartFailure) -> String {
        guard var text = environment["EXTERNAL_URL"] else {
            let host = environment["HOST"] ?? "localhost"
            let reachable = ["0.0.0.0", "::"].contains(host) ? "localhost" : host.contains(":") ? "[\(host)]" : host
            return "http://\(reachable):\(try environment.port(default: 4318))"
        }
        while text.hasSuffix("/") { text.removeLast() }
        guard let url = HTTPURL(text), url.socketPath == nil else {
            throw StartFailure(.configuration, "EXTERNAL_URL is \"\(text)\"; it must be a URL that begins with http:// or https://.")
        }
        return text
    }
}
