// Outcomes of HTTP exchanges: errors and their types.

import Testing

@testable import Telemetry

struct HTTPOutcomeTests {
    private struct Refused: Error {}

    @Test(arguments: [
        (100, false, false), (200, false, false), (302, false, false), (404, false, true), (499, false, true), (500, true, true),
        (503, true, true), (0, true, true), (999, true, true),
    ])
    func statusCodesFailClientsFrom400AndServersFrom500(code: Int, failsServer: Bool, failsClient: Bool) {
        let server = HTTPOutcome.server(statusCode: code)
        #expect(server.status == (failsServer ? .error("") : .unset))
        #expect(server.errorType == (failsServer ? "\(code)" : nil))
        let client = HTTPOutcome.client(statusCode: code)
        #expect(client.status == (failsClient ? .error("") : .unset))
        #expect(client.errorType == (failsClient ? "\(code)" : nil))
        #expect(client.attributes["http.response.status_code"] == .int(Int64(code)))
    }

    @Test func errorFailsTheExchangeWithItsType() {
        for outcome in [HTTPOutcome.server(statusCode: nil, error: Refused()), .client(statusCode: 200, error: Refused())] {
            #expect(outcome.errorType?.hasSuffix("Refused") == true)
            #expect(outcome.errorType?.contains("unknown context") == false)
            #expect(outcome.status == .error("Refused()"))
        }
        #expect(HTTPOutcome.client(statusCode: nil, error: Refused()).attributes["http.response.status_code"] == nil)
    }

    @Test func errorAnsweredWith4xxIsNotServerError() {
        #expect(HTTPOutcome.server(statusCode: 404, error: Refused()).status == .unset)
        #expect(HTTPOutcome.server(statusCode: 404, error: Refused()).attributes == ["http.response.status_code": 404])
    }

    @Test func cancellationIsNotAnError() {
        #expect(HTTPOutcome.client(statusCode: nil, error: CancellationError()).status == .unset)
        #expect(HTTPOutcome.client(statusCode: nil, error: CancellationError()).attributes.isEmpty)
    }
}
