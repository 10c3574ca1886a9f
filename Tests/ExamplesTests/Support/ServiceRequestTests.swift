// The typed values that handlers read from requests.

import Telemetry
import Testing

@testable import ExampleSupport

struct ServiceRequestTests {
    private func request(_ parameters: PathParameters) -> ServiceRequest {
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

    /// Returns the field `a` of a body, or the error.
    private func field(_ body: String, _ mediaType: String?) -> Result<String, JSONBodyError> {
        var request = ServiceRequest(method: "POST", target: "/", body: Array(body.utf8))
        request.headers["Content-Type"] = mediaType
        do throws(JSONBodyError) {
            return .success(try request.decodedFields("The body") { $0.text("a") })
        } catch { return .failure(error) }
    }

    @Test(arguments: [
        (#"{"a":"b c"}"#, "application/json"), (#" {"a":"b c"} "#, nil), (#"{"a":"b c"}"#, "text/plain"),
        ("a=b+c", "application/x-www-form-urlencoded"), ("x=1&a=b%20c", "Application/X-WWW-Form-URLEncoded; charset=utf-8"),
        ("&&a=x&a=b%20c", "application/x-www-form-urlencoded;charset=utf-8"),
    ])
    func fieldsAreReadByMediaType(body: String, mediaType: String?) {
        #expect(field(body, mediaType) == .success("b c"))
    }

    @Test func bodyWithoutFieldIsIncompleteAndOtherTextMalformed() {
        for (body, mediaType) in [("", "application/json"), ("", nil), ("{}", nil), ("b=c", "application/x-www-form-urlencoded")] {
            #expect(field(body, mediaType) == .failure(.invalid([FieldError("a", .required)])))
        }
        for body in ["a=b", #"{"a":"b"} {}"#, "{"] {
            #expect(throws: JSONBodyError.self, "\(body)") { try field(body, nil).get() }
        }
    }

    @Test func requestWithoutAuthorizationHasNoBearerToken() {
        #expect(ServiceRequest(method: "GET", target: "/").bearerToken == nil)
    }
}
