// Sends requests to URLs of either scheme.

package import Telemetry

/// Sends `http` over pooled connections, and `https` over a connection of its own, on threads beside those of tasks.
package struct SecureTransport: Transport {
    private let plain: SocketTransport
    private let timeout: Duration
    private let pool: WorkPool

    package init(timeout: Duration = .seconds(10)) throws(StartFailure) {
        self.timeout = timeout
        plain = SocketTransport(timeout: timeout)
        pool = try WorkPool(named: "https", threads: 4, capacity: 256)
    }

    package func send(_ method: String, _ url: String, headers: HTTPHeaders, body: [UInt8]) async throws -> ServiceResponse {
        guard let location = HTTPURL(url), location.isSecure else {
            return try await plain.send(method, url, headers: headers, body: body)
        }
        guard method == "GET" || method == "POST" else { throw HTTPClientError.unsupportedScheme(url) }
        let deadline = Deadline.after(timeout)
        // The connection sets the host itself.
        let fields = headers.filter { $0.name.lowercased() != "host" }.map { (name: $0.name, value: $0.value) }
        let result = try await pool.run { () -> Result<HTTPResponse, HTTPClientError> in
            let connection = BlockingHTTPConnection(to: location, maximumResponseBytes: 1 << 20)
            return Result { () throws(HTTPClientError) in
                guard method == "POST" else { return try connection.get(headers: fields, deadline: deadline) }
                let answer = body.withUnsafeBytes { bytes in
                    Result { () throws(HTTPClientError) in try connection.post(headers: fields, body: [bytes], deadline: deadline) }
                }
                return try answer.get()
            }
        }
        return ServiceResponse(try result.get())
    }
}
