// The signatures of requests to Amazon's services: clients make them, and services compare.

import Synchronization
package import Telemetry

/// Signature version 4: a code over method, target, some header fields and body, with a key of one day, region and service.
package struct AWSRequestSignature: Sendable {
    package static let algorithm = "AWS4-HMAC-SHA256"

    /// The credentials, as `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` have them.
    package struct Credentials: Sendable {
        package let accessKeyID: String
        package let secretKey: String

        package init(accessKeyID: String, secretKey: String) {
            self.accessKeyID = accessKeyID
            self.secretKey = secretKey
        }

        /// Reads both variables; each is `test` unless it is set, as stand-ins of the services have it.
        package init(_ environment: ServiceEnvironment) {
            self.init(
                accessKeyID: environment["AWS_ACCESS_KEY_ID"] ?? "test", secretKey: environment["AWS_SECRET_ACCESS_KEY"] ?? "test")
        }
    }

    package let credentials: Credentials
    package let region: String
    package let service: String
    private let library: LibCrypto
    private let dayKeys = DayKeys()

    package init(_ credentials: Credentials, region: String, service: String, _ library: LibCrypto) {
        self.credentials = credentials
        self.region = region
        self.service = service
        self.library = library
    }

    /// Adds `X-Amz-Date` and `Authorization` to the header fields of a request.
    package func sign(_ method: String, _ url: HTTPURL, _ headers: inout HTTPHeaders, body: [UInt8], at time: Timestamp) {
        let date = Self.date(time)
        headers["X-Amz-Date"] = date
        headers["Host"] = url.authority
        let names = headers.map { $0.name.lowercased() }.filter { ["content-type", "host", "x-amz-date"].contains($0) }.sorted()
        let code = code(of: method, url.target, headers, signed: names, body: body, at: date)
        headers["Authorization"] =
            "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope(date)), SignedHeaders=\(names.joined(separator: ";")), "
            + "Signature=\(Self.hexadecimal(code))"
    }

    /// Returns the code that a request has if it was signed with these credentials.
    ///
    /// - Parameters:
    ///   - names: the header fields that are signed, in lower case and in order.
    ///   - date: the value of `X-Amz-Date`, as `20150830T123600Z`.
    package func code(
        of method: String, _ target: String, _ headers: HTTPHeaders, signed names: [String], body: [UInt8], at date: String
    ) -> [UInt8] {
        let path = target.prefix { $0 != "?" }
        let canonical = [
            method,
            path.split(separator: "/", omittingEmptySubsequences: false).map { PercentEncoding.encode(String($0)) }.joined(separator: "/"),
            Self.canonicalQuery(target.dropFirst(path.count + 1)),
            names.map { "\($0):\(Self.canonicalValue(headers.values(named: $0)))\n" }.joined(), names.joined(separator: ";"),
            Self.hexadecimal(library.sha256(of: body)),
        ].joined(separator: "\n")
        let text = [Self.algorithm, date, scope(date), Self.hexadecimal(library.sha256(of: Array(canonical.utf8)))].joined(separator: "\n")
        return library.authenticationCode(of: Array(text.utf8), key: dayKeys.key(of: String(date.prefix(8)), make: makeKey))
    }

    /// Makes the key of a day, by four codes one after another.
    private func makeKey(day: String) -> [UInt8] {
        [day, region, service, "aws4_request"].reduce(Array("AWS4\(credentials.secretKey)".utf8)) {
            library.authenticationCode(of: Array($1.utf8), key: $0)
        }
    }

    /// Day, region and service, for which a key is made.
    package func scope(_ date: String) -> String { "\(date.prefix(8))/\(region)/\(service)/aws4_request" }

    /// Returns a time as `20150830T123600Z`.
    package static func date(_ time: Timestamp) -> String {
        String(CivilDate(secondsSinceEpoch: Int(time.nanosecondsSinceEpoch / 1_000_000_000)).iso8601.filter { $0 != "-" && $0 != ":" })
    }

    private static func canonicalQuery(_ query: Substring) -> String {
        ServiceRequest.pairs(of: query).map { (PercentEncoding.encode($0.name), PercentEncoding.encode($0.value)) }
            .sorted { $0 < $1 }.map { "\($0.0)=\($0.1)" }.joined(separator: "&")
    }

    private static func canonicalValue(_ values: [String]) -> String {
        values.map { $0.split(separator: " ").joined(separator: " ") }.joined(separator: ",")
    }

    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: 2 * bytes.count) { digits in
            for (index, byte) in bytes.enumerated() {
                digits[2 * index] = digit(byte >> 4)
                digits[2 * index + 1] = digit(byte & 15)
            }
            return 2 * bytes.count
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

/// Keeps the key of the day that was asked for last: nearly all requests are of the same day.
private final class DayKeys: Sendable {
    private let known = Mutex<(day: String, key: [UInt8])?>(nil)

    func key(of day: String, make: (String) -> [UInt8]) -> [UInt8] {
        if let known = known.withLock({ $0 }), known.day == day { return known.key }
        let key = make(day)
        known.withLock { $0 = (day, key) }
        return key
    }
}
