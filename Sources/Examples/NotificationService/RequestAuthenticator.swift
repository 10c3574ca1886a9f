// Checks that requests are signed by a client that knows the secret.

import ExampleSupport
import Telemetry

/// Compares the signature of a request with the one that it must have. (Signature version 4.)
struct RequestAuthenticator: Sendable {
    /// The seconds by which the clock of a client may differ.
    private static let tolerance = 900

    private let signature: AWSRequestSignature
    private let library: LibCrypto
    private let clock: TelemetryClock

    init(_ settings: NotificationSettings, _ library: LibCrypto, clock: TelemetryClock) {
        signature = AWSRequestSignature(settings.credentials, region: settings.region, service: "sns", library)
        self.library = library
        self.clock = clock
    }

    func check(_ request: ServiceRequest) throws(QueryFault) {
        guard let header = request.headers["Authorization"] else {
            throw .forbidden("MissingAuthenticationToken", "Request is missing Authentication Token")
        }
        let fields = Self.fields(of: header)
        guard let credential = fields["Credential"]?.split(separator: "/", maxSplits: 1), credential.count == 2,
            let names = fields["SignedHeaders"]?.split(separator: ";").map({ String($0) }), let code = fields["Signature"]
        else {
            throw .forbidden(
                "IncompleteSignature", "Authorization must be \(AWSRequestSignature.algorithm) with Credential, SignedHeaders and Signature"
            )
        }
        guard credential[0] == signature.credentials.accessKeyID else {
            throw .forbidden("InvalidClientTokenId", "The security token included in the request is invalid.")
        }
        guard let date = request.headers["X-Amz-Date"], let seconds = Self.seconds(date) else {
            throw .forbidden("IncompleteSignature", "X-Amz-Date must be a time as \"20150830T123600Z\"")
        }
        guard abs(Int(clock.now.nanosecondsSinceEpoch / 1_000_000_000) - seconds) <= Self.tolerance else {
            throw .forbidden("SignatureDoesNotMatch", "Signature expired: \(date) is not within 15 minutes of the time of the service")
        }
        guard credential[1] == signature.scope(date) else {
            throw .forbidden("SignatureDoesNotMatch", "Credential should be scoped to \(signature.scope(date))")
        }
        guard Set(names).isSuperset(of: ["host", "x-amz-date"]) else {
            throw .forbidden("SignatureDoesNotMatch", "'Host' and 'X-Amz-Date' must be signed")
        }
        let expected = signature.code(of: request.method, request.target, request.headers, signed: names, body: request.body, at: date)
        guard library.areEqual(Array(code.utf8), Array(AWSRequestSignature.hexadecimal(expected).utf8)) else {
            throw .forbidden(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your secret access key and signing method."
            )
        }
    }

    /// Returns the three parts `Name=value` after the name of the algorithm; none for another algorithm, and for other parts.
    private static func fields(of header: String) -> [String: String] {
        guard header.hasPrefix(AWSRequestSignature.algorithm + " ") else { return [:] }
        let parts = header.utf8.dropFirst(AWSRequestSignature.algorithm.utf8.count).split(separator: UInt8(ascii: ",")).map { part in
            part.drop { $0 == UInt8(ascii: " ") }.split(separator: UInt8(ascii: "="), maxSplits: 1).map { String(Substring($0)) }
        }
        guard parts.count == 3, parts.allSatisfy({ $0.count == 2 }) else { return [:] }
        return Dictionary(parts.map { ($0[0], $0[1]) }) { first, _ in first }
    }

    /// Returns the seconds since 1970 of a time as `20150830T123600Z`.
    private static func seconds(_ text: String) -> Int? {
        let digits = text.utf8.filter { $0 != UInt8(ascii: "T") && $0 != UInt8(ascii: "Z") }
        guard text.utf8.count == 16, digits.count == 14 else { return nil }
        let parts = [0..<4, 4..<6, 6..<8, 8..<10, 10..<12, 12..<14].compactMap { Int(String(decoding: digits[$0], as: UTF8.self)) }
        guard parts.count == 6 else { return nil }
        return CivilDate(year: parts[0], month: parts[1], day: parts[2], hour: parts[3], minute: parts[4], second: parts[5])
            .secondsSinceEpoch
    }
}
