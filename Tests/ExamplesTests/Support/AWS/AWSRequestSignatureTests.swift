// Signatures of requests, by the examples that Amazon has published.

import Telemetry
import Testing

@testable import ExampleSupport

struct AWSRequestSignatureTests {
    private static let credentials = AWSRequestSignature.Credentials(
        accessKeyID: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    private static let date = "20150830T123600Z"

    /// The examples of signature version 4, among them `get-vanilla` and its like of the test suite.
    @Test(arguments: [
        (
            "iam", "GET", "http://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08",
            "application/x-www-form-urlencoded; charset=utf-8", "", "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        ),
        ("service", "GET", "http://example.amazonaws.com/", "", "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            "service", "GET", "http://example.amazonaws.com/?Param2=value2&Param1=value1", "", "",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        ),
        (
            "service", "POST", "http://example.amazonaws.com/", "application/x-www-form-urlencoded", "Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
        ),
    ])
    func requestIsSignedAsPublished(service: String, method: String, url: String, type: String, body: String, code: String) throws {
        let signature = AWSRequestSignature(Self.credentials, region: "us-east-1", service: service, try LibCrypto())
        var headers: HTTPHeaders = [:]
        if !type.isEmpty { headers["Content-Type"] = type }
        let time = try #require(CalendarTime("2015-08-30T12:36:00Z")).microsecondsSinceEpoch
        signature.sign(
            method, try #require(HTTPURL(url)), &headers, body: Array(body.utf8), at: Timestamp(nanosecondsSinceEpoch: UInt64(time) * 1000))
        #expect(headers["X-Amz-Date"] == Self.date)
        let names = type.isEmpty ? "host;x-amz-date" : "content-type;host;x-amz-date"
        #expect(
            headers["Authorization"]
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/\(service)/aws4_request, SignedHeaders=\(names), Signature=\(code)"
        )
    }

    /// The code of the first day is published, that of the second was made by Python's `hmac`.
    @Test func eachOfTwoDaysInTurnHasItsOwnKey() throws {
        let signature = AWSRequestSignature(Self.credentials, region: "us-east-1", service: "iam", try LibCrypto())
        let codes = [
            ("20150830", "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"),
            ("20150831", "4fb747c672760f36176acae0323890eda30a6d06cf6eac4bfbd9324061f4c556"),
        ]
        for (day, code) in codes + codes + codes.reversed() {
            let headers: HTTPHeaders = [
                "Content-Type": "application/x-www-form-urlencoded; charset=utf-8", "Host": "iam.amazonaws.com",
                "X-Amz-Date": "\(day)T123600Z",
            ]
            let made = signature.code(
                of: "GET", "/?Action=ListUsers&Version=2010-05-08", headers, signed: ["content-type", "host", "x-amz-date"], body: [],
                at: "\(day)T123600Z")
            #expect(AWSRequestSignature.hexadecimal(made) == code)
        }
    }
}
