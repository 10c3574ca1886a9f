// The typed values that handlers read from requests.

import Telemetry
import Testing

@testable import ExampleSupport

@Suite struct ServiceRequestTests {
    private func request(_ parameters: [String: String]) -> ServiceRequest {
        var request = ServiceRequest(method: "GET", target: "/")
        request.parameters = parameters
        return request
    }

    @Test func parameterIsConvertedToItsType() throws {
        let id = UUID()
        let request = request(["id": "-7", "job": "\(id)"])
        #expect(try request.parameter("id", as: Int.self) { Refusal($0) } == -7)
        #expect(try request.parameter("job", as: UUID.self) { Refusal($0) } == id)
    }

    @Test(arguments: ["", "X", "1.5", "99999999999999999999"])
    func parameterOfWrongTypeThrowsRefusalWithItsText(text: String) {
        #expect {
            try request(["id": text]).parameter("id", as: Int.self) { Refusal("no [\($0)]", status: 404) }
        } throws: { error in
            let refusal = error as? Refusal
            return refusal?.reason == "no [\(text)]" && refusal?.status == 404
        }
    }

    @Test(arguments: [
        ("/tweets?page=2&perPage=10", "2"), ("/tweets?page=", ""), ("/tweets?page", ""), ("/tweets?perPage=10", nil), ("/tweets", nil),
        ("/tweets?page=1&page=2", "1"), ("/tweets?page=a%20b+c", "a b c"), ("/tweets?p%61ge=1", "1"), ("/tweets?page=1=2", "1=2"),
        ("/tweets?&&page=3", "3"), ("/tweets?page=%zz", "%zz"), ("/tweets?x=1#page=2", nil),
    ])
    func queryParameterIsFirstOfItsNameAndDecoded(target: String, value: String?) {
        #expect(ServiceRequest(method: "GET", target: target).queryParameter("page") == value)
    }

    @Test(arguments: [
        ("Bearer a.b.c", "a.b.c"), ("bearer a.b.c", "a.b.c"), ("Bearer  a.b.c", "a.b.c"), ("a.b.c", "a.b.c"), ("Bearer", nil), ("", nil),
        ("Basic YTpi", nil), ("Bearer a b", nil),
    ])
    func bearerTokenIsTakenWithAndWithoutScheme(field: String, token: String?) {
        #expect(ServiceRequest(method: "GET", target: "/", headers: ["Authorization": field]).bearerToken == token)
    }

    @Test func requestWithoutAuthorizationHasNoBearerToken() {
        #expect(ServiceRequest(method: "GET", target: "/").bearerToken == nil)
    }
}
