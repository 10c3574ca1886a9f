// Framing of messages, timeouts, statuses and targets of gRPC.

import Testing

@testable import Telemetry

struct GRPCMessageTests {
    @Test func prefixHoldsCompressionAndLength() {
        #expect(GRPCMessage.prefix(count: 0x01_02_03_04, isCompressed: false) == [0, 1, 2, 3, 4])
        #expect(GRPCMessage.prefix(count: 7, isCompressed: true) == [1, 0, 0, 0, 7])
    }

    @Test func messageIsReadBehindItsPrefix() throws {
        #expect(try GRPCMessage.first(in: [0, 0, 0, 0, 2, 8, 9, 0], encoding: nil, maximumBytes: 10) == [8, 9])
        #expect(try GRPCMessage.first(in: [0, 0, 0, 0, 0], encoding: nil, maximumBytes: 10) == [])
        let compressed = try Gzip.compressed([1, 2, 3])
        #expect(try GRPCMessage.first(in: HTTP2Peer.content(compressed, flag: 1), encoding: "gzip", maximumBytes: 3) == [1, 2, 3])
    }

    @Test(.enabled(if: (try? ZstdLibrary.system.get()) != nil, "zstd is installed."))
    func messageCompressedWithZstdIsReadBehindItsPrefix() throws {
        let content = HTTP2Peer.content(try Zstd.compressed([1, 2, 3]), flag: 1)
        #expect(try GRPCMessage.first(in: content, encoding: "zstd", maximumBytes: 3) == [1, 2, 3])
        #expect(throws: GRPCMessage.Problem.tooLarge) { try GRPCMessage.first(in: content, encoding: "zstd", maximumBytes: 2) }
    }

    @Test func contentThatIsNoMessageIsRefused() throws {
        func problem(_ content: [UInt8], _ encoding: String? = nil) -> GRPCMessage.Problem? {
            do throws(GRPCMessage.Problem) {
                _ = try GRPCMessage.first(in: content, encoding: encoding, maximumBytes: 2)
                return nil
            } catch {
                return error
            }
        }
        #expect(problem([]) == .missing)
        #expect(problem([0, 0, 0, 0]) == .incomplete && problem([0, 0, 0, 0, 2, 1]) == .incomplete)
        #expect(problem([0, 255, 255, 255, 255, 1]) == .incomplete)
        #expect(problem([1, 0, 0, 0, 1, 1]) == .unknownCompression("unnamed"))
        #expect(problem([1, 0, 0, 0, 1, 1], "br") == .unknownCompression("br"))
        #expect(problem(HTTP2Peer.content(try Gzip.compressed([1, 2, 3]), flag: 1), "gzip") == .tooLarge)
    }

    @Test(
        arguments: [
            (.milliseconds(500), "501m"), (.zero, "1m"), (.seconds(-1), "1m"), (.seconds(99_999), "99999001m"),
            (.seconds(100_000), "100001S"), (.seconds(99_999_998), "99999999S"), (.seconds(99_999_999), nil),
            (.seconds(1_000_000_000), nil),
        ] as [(Duration, String?)])
    func timeoutHasAtMostEightDigitsAndIsNotShorter(duration: Duration, text: String?) {
        #expect(GRPCMessage.timeout(duration) == text)
    }
}

struct GRPCTargetTests {
    private func url(_ text: String, isInsecure: Bool = false) -> String? {
        GRPCTarget.url(text, isInsecure: { isInsecure }).map { "\($0.origin) \($0.port)" }
    }

    @Test func schemeDecidesWhetherConnectionIsSecure() {
        #expect(url("http://c:4317") == "http://c:4317 4317" && url("https://c:4317", isInsecure: true) == "https://c:4317 4317")
        #expect(url("http://c") == "http://c 80" && url("https://c") == "https://c 443")
        #expect(url("unix:/run/c.sock") == "unix:/run/c.sock 80" && url("unix:///run/c.sock") == "unix:/run/c.sock 80")
    }

    @Test func targetWithoutSchemeIsSecureUnlessInsecureIsSet() {
        #expect(url("c:4319") == "https://c:4319 4319" && url("c:4319", isInsecure: true) == "http://c:4319 4319")
        #expect(url("c") == "https://c:4317 4317" && url("localhost", isInsecure: true) == "http://localhost:4317 4317")
        #expect(url("[::1]", isInsecure: true) == "http://[::1]:4317 4317" && url("[::1]:9") == "https://[::1]:9 9")
        #expect(url("dns:///c:9") == "https://c:9 9" && url("dns:c") == "https://c:4317 4317" && url("DNS:///c:9") == "https://c:9 9")
    }

    @Test(arguments: ["c:4317/v1/traces", "ftp://c", "xds:///c", "c:x", "", "c?a", "dns://1.1.1.1/c", "unix:c.sock", "http://"])
    func targetOfAnotherFormIsRefused(text: String) {
        #expect(url(text) == nil)
    }
}

struct GRPCStatusTests {
    /// Made by the Python packages googleapis-common-protos and protobuf.
    static let retryIn2500 =
        "CAgSBXF1b3RhGisKKXR5cGUuZ29vZ2xlYXBpcy5jb20vZ29vZ2xlLnJwYy5CYWRSZXF1ZXN0Gj"
        + "YKKHR5cGUuZ29vZ2xlYXBpcy5jb20vZ29vZ2xlLnJwYy5SZXRyeUluZm8SCgoICAIQgMq17gE="
    static let retryInAnHour = "CA4SAXgaMQoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxIFCgMIkBw="
    static let retryNow = "CAgSBXF1b3RhGioKKHR5cGUuZ29vZ2xlYXBpcy5jb20vZ29vZ2xlLnJwYy5SZXRyeUluZm8="
    private static let badRequest = "CA4SAXgaKwopdHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLkJhZFJlcXVlc3Q="
    private static let negative = "CA4SAXgaOQoodHlwZS5nb29nbGVhcGlzLmNvbS9nb29nbGUucnBjLlJldHJ5SW5mbxINCgsI/v//////////AQ=="

    private func status(_ fields: [(String, String)], inTrailers: Bool = true) -> GRPCStatus? {
        var response = HTTP2Response()
        for (name, value) in fields {
            if inTrailers { response.trailers.add(name, value) } else { response.headers.add(name, value) }
        }
        return GRPCStatus(response)
    }

    @Test func statusIsReadFromTrailersOrFromHeadAlone() {
        #expect(status([("grpc-status", "14"), ("grpc-message", "a")])?.code == .unavailable)
        #expect(status([("grpc-status", "14"), ("grpc-message", "a")], inTrailers: false)?.message == "a")
        #expect(status([("grpc-message", "a")]) == nil)
        #expect(status([("grpc-status", "99")])?.code == .unknown && status([("grpc-status", "x")])?.code == .unknown)
    }

    @Test func messageIsPercentDecoded() {
        #expect(status([("grpc-status", "3"), ("grpc-message", "sp%C3%A4ter %25%0Aend %zz%")])?.message == "später %\nend %zz%")
    }

    @Test func codesHaveTheNumbersAndNamesOfGRPC() {
        #expect(GRPCStatus.Code.allCases.count == 17)
        #expect(GRPCStatus.Code(rawValue: 8)?.name == "RESOURCE_EXHAUSTED" && GRPCStatus.Code(rawValue: 16)?.name == "UNAUTHENTICATED")
        #expect(GRPCStatus.Code(rawValue: 0)?.name == "OK" && GRPCStatus.Code(rawValue: 13)?.name == "INTERNAL")
    }

    /// The table of the OTLP specification, "OTLP/gRPC Response".
    @Test func onlyCodesOfTheSpecificationAreRetryable() {
        let retryable = (0...16).filter { status([("grpc-status", "\($0)")])?.isRetryable == true }
        #expect(retryable == [1, 4, 10, 11, 14, 15])
    }

    @Test func exhaustedResourcesAreRetryableOnlyWithRetryInfo() {
        func details(_ code: Int, _ text: String) -> GRPCStatus? {
            status([("grpc-status", "\(code)"), ("grpc-status-details-bin", text)])
        }
        let later = details(8, Self.retryIn2500)
        #expect(later?.isRetryable == true && later?.retryDelay == .milliseconds(2_500))
        let now = details(8, Self.retryNow)
        #expect(now?.isRetryable == true && now?.retryDelay == .zero)
        #expect(details(8, Self.badRequest)?.isRetryable == false)
        #expect(details(14, Self.badRequest)?.retryDelay == nil)
        #expect(details(14, Self.negative)?.retryDelay == .zero)
        #expect(details(3, Self.retryIn2500)?.isRetryable == false)
        #expect(details(8, "!!!")?.isRetryable == false && details(8, "")?.isRetryable == false)
        // Padding may be left out.
        let unpadded = String(Self.retryIn2500.prefix { $0 != "=" })
        #expect(details(8, unpadded)?.retryDelay == .milliseconds(2_500))
    }
}
