// Services over sockets: what listens for requests, and what sends them.

package import Telemetry

/// Listens on a port and has a handler answer what comes.
package struct ServiceListener: Sendable {
    private let server: HTTPServer

    /// The port that is listened on.
    package var port: Int { server.port }

    /// Starts listening; port 0 lets the system choose.
    package static func start(
        host: String, port: Int, options: HTTPServerOptions = HTTPServerOptions(), _ respond: @escaping Handler
    ) throws(StartFailure) -> ServiceListener {
        do throws(HTTPServerError) {
            return ServiceListener(
                server: try HTTPServer.start(host: host, port: port, options: options) { request in
                    let response = await respond(ServiceRequest(request))
                    return HTTPResponse(status: response.status, headers: response.headers, body: response.body)
                })
        } catch {
            switch error {
            case .addressInUse: throw StartFailure(.unavailable, "\(error); PORT chooses another")
            case .unknownHost: throw StartFailure(.configuration, "HOST is \"\(host)\"; it must be a name or address of this machine.")
            case .cannotListen: throw StartFailure(.unavailable, "\(error)")
            }
        }
    }

    private init(server: HTTPServer) {
        self.server = server
    }

    /// Takes no more requests and lets those under way finish, within the given time.
    package func stop(within duration: Duration) async {
        await server.shutdown(within: duration)
    }
}

/// Sends requests over connections that are kept.
package struct SocketTransport: Transport {
    private static let client = HTTPClient()
    private let timeout: Duration

    package init(timeout: Duration = .seconds(10)) {
        self.timeout = timeout
    }

    package func send(_ method: String, _ url: String, headers: HTTPHeaders, body: [UInt8]) async throws -> ServiceResponse {
        guard let location = HTTPURL(url) else { throw HTTPClientError.unsupportedScheme(url) }
        let request = HTTPClient.Request(method: method, url: location, headers: headers, body: body)
        return ServiceResponse(try await Self.client.send(request, deadline: .after(timeout)))
    }
}
