// Connects a service's handler to the library's HTTP server, and its errors to environment variables.

package import Telemetry

/// A port on which a handler answers requests.
package struct ServiceListener: Sendable {
    private let server: HTTPServer

    /// The bound port, also where port 0 was asked for.
    package var port: Int { server.port }

    /// Starts listening; for port 0 the system chooses a free port.
    ///
    /// - Parameter loop: the thread of the connections, which outlasts the listener; nil starts one of its own.
    package static func start(
        host: String, port: Int, options: HTTPServerOptions = HTTPServerOptions(), loop: EventLoop? = nil, _ respond: @escaping Handler
    ) throws(StartFailure) -> ServiceListener {
        do throws(HTTPServerError) {
            return ServiceListener(
                server: try HTTPServer.start(host: host, port: port, options: options, loop: loop) { request in
                    let response = await respond(ServiceRequest(request))
                    guard let stream = response.stream else {
                        return HTTPResponse(status: response.status, headers: response.headers, body: response.body)
                    }
                    return HTTPResponse(status: response.status, headers: response.headers, stream: stream)
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

    /// Accepts no more requests, and waits at most that long for those in flight.
    package func stop(within duration: Duration) async {
        await server.shutdown(within: duration)
    }
}
