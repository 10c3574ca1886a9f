// The authorization of requests that the console sends.

import ExampleSupport
import Telemetry

/// The value of the field `Authorization`, as `basic_auth` and `authorization` of Prometheus' `http_config` describe it.
enum ClientAuthorization: Sendable, Equatable {
    case basic(user: TextSource, password: TextSource)
    case credentials(type: String, TextSource)

    /// The value for a request that is sent now.
    var value: String {
        get throws(YAMLFileProblems) {
            switch self {
            case .basic(let user, let password): return "Basic " + Base64.encode(Array("\(try user.line):\(try password.line)".utf8))
            case .credentials(let type, let source):
                let line = try source.line
                // Another line would be another field of the request.
                guard line.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw Self.problem(source) }
                return "\(type) \(line)"
            }
        }
    }

    private static func problem(_ source: TextSource) -> YAMLFileProblems {
        var file = "credentials"
        if case .file(let path) = source { file = path }
        let problem = YAMLFileProblem(
            file: file, line: 0, message: "there is more than one line, or a control character, in the credentials")
        return YAMLFileProblems(problems: [problem])
    }
}
