// Reads and checks the configuration of a service.

import Glibc
import Telemetry

/// Environment variables; one whose value is only white space is unset.
package struct ServiceEnvironment: Sendable {
    private let lookUp: @Sendable (String) -> String?
    /// The variables of a test; nil for those of the process.
    let variables: [String: String]?

    /// The variables of the process.
    package static let process = ServiceEnvironment({ name in getenv(name).map { String(cString: $0) } }, variables: nil)

    /// Creates an environment of given variables, for tests.
    package init(_ variables: [String: String]) {
        lookUp = { variables[$0] }
        self.variables = variables
    }

    private init(_ lookUp: @escaping @Sendable (String) -> String?, variables: [String: String]?) {
        self.lookUp = lookUp
        self.variables = variables
    }

    /// Returns the environment with another value of a variable.
    package func setting(_ name: String, to value: String) -> ServiceEnvironment {
        var changed = variables ?? EnvironmentCarrier.process.variables
        changed[name] = value
        return ServiceEnvironment(changed)
    }

    package subscript(name: String) -> String? {
        guard let value = lookUp(name), !value.allSatisfy(\.isWhitespace) else { return nil }
        return value
    }

    /// Returns the values of variables that must be set; the error names all missing ones and their purpose.
    package func required(_ variables: KeyValuePairs<String, String>) throws(StartFailure) -> [String] {
        let missing = variables.filter { self[$0.key] == nil }
        guard missing.isEmpty else {
            let lines = missing.map { "  \($0.key): \($0.value)" }.joined(separator: "\n")
            throw StartFailure(.configuration, "These environment variables must be set:\n\(lines)")
        }
        return variables.map { self[$0.key] ?? "" }
    }

    /// Returns a whole number within a range.
    package func number(_ name: String, default standard: Int, in range: ClosedRange<Int>) throws(StartFailure) -> Int {
        guard let text = self[name] else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw StartFailure(
                .configuration,
                "\(name) is \"\(text)\"; it must be a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    /// Returns words that are separated by commas, in lower case; each must be a known one.
    package func words(_ name: String, default standard: String = "", among known: [String]) throws(StartFailure) -> [String] {
        let words = (self[name] ?? standard).split(separator: ",").map { $0.filter { !$0.isWhitespace }.lowercased() }
        guard words.allSatisfy(known.contains) else {
            throw StartFailure(
                .configuration,
                "\(name) is \"\(self[name] ?? "")\"; it must be \(known.joined(separator: " or ")), or several of them separated by commas."
            )
        }
        return words
    }

    /// Returns whether a variable has the first of two words.
    package func choice(_ name: String, _ yes: String, or no: String, default standard: Bool) throws(StartFailure) -> Bool {
        guard let text = self[name] else { return standard }
        switch text.filter({ !$0.isWhitespace }).lowercased() {
        case yes: return true
        case no: return false
        default: throw StartFailure(.configuration, "\(name) is \"\(text)\"; it must be \(yes) or \(no).")
        }
    }

    /// Returns a port to listen on.
    package func port(_ name: String = "PORT", default standard: Int) throws(StartFailure) -> Int {
        try number(name, default: standard, in: 0...65535)
    }

    /// Returns the base of URLs, without a slash at its end.
    ///
    /// - Parameter route: the path of a route that the variable may end with, and that the base does not.
    package func url(_ name: String, default standard: String, route: String = "") throws(StartFailure) -> String {
        var text = self[name] ?? standard
        while text.hasSuffix("/") { text.removeLast() }
        if !route.isEmpty, text.hasSuffix(route) { text.removeLast(route.count) }
        guard let url = HTTPURL(text), !url.isSecure, url.socketPath == nil else {
            throw StartFailure(.configuration, "\(name) is \"\(text)\"; it must be a URL that begins with http://.")
        }
        return text
    }

    /// Returns the base URL of an OTLP receiver; the variable has `host:port` or a whole URL.
    package func receiver(_ name: String) throws(StartFailure) -> String {
        let location = self[name] ?? ""
        let text = location.contains("://") ? location : "http://\(location)"
        guard let url = HTTPURL(text), !url.isSecure, url.socketPath == nil else {
            throw StartFailure(.configuration, "\(name) is \"\(location)\"; it must be a host and a port, as \"localhost:4318\".")
        }
        return text
    }
}
