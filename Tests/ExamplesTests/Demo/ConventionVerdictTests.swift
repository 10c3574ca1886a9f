// Which violations of the conventions fail the demo.

import ExampleSupport
import Testing

@testable import Demo

struct ConventionVerdictTests {
    private static func verdict(_ rule: String, _ subject: String) throws -> ConventionVerdict {
        let text = #"{"services":[{"service":"shop","findings":[{"rule":"\#(rule)","subject":"\#(subject)","message":"so"}]}]}"#
        return ConventionVerdict(try JSONValue(parsing: Array(text.utf8)))
    }

    @Test func deviationsThatContractsAskForPass() throws {
        for exception in ConventionVerdict.exceptions {
            let verdict = try Self.verdict(exception.rule, exception.subjects[0])
            #expect(verdict.problems.isEmpty && verdict.expected == 1 && verdict.services == 1)
        }
    }

    @Test func otherViolationsFail() throws {
        #expect(try Self.verdict("deprecated", "http.method").problems == ["shop: http.method: so (deprecated)"])
        #expect(try Self.verdict("type_mismatch", "rpc.system").problems.count == 1)
    }
}
