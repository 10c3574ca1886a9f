// Services over sockets: what listens, and what calls.

import Synchronization
import Telemetry

private let table = Mutex<[Int: Handler]>([:])

package final class ServiceListener: Sendable {
    package let port: Int
    init(port: Int) { self.port = port }
    package static func start(host: String, port: Int, _ respond: @escaping Handler) async throws(StartFailure) -> ServiceListener {
        let port = table.withLock { table in
            let port = 20000 + table.count
            table[port] = respond
            return port
        }
        return ServiceListener(port: port)
    }
    package func stop(within duration: Duration) async {}
}

package struct SocketTransport: Transport {
    package init() {}
    package func send(_ method: String, _ url: String, headers: Headers, body: [UInt8]) async throws -> ServiceResponse {
        let rest = url.dropFirst("http://127.0.0.1:".count)
        let port = Int(rest.prefix { $0 != "/" }) ?? 0
        guard let handler = table.withLock({ $0[port] }) else { throw StartFailure(.software, "connection refused") }
        var headers = headers
        headers.setValue("127.0.0.1:\(port)", for: "Host")
        return await handler(ServiceRequest(method: method, target: String(rest.drop { $0 != "/" }), headers: headers, body: body, peerAddress: "127.0.0.1", peerPort: 9))
    }
}
