// Sends requests: over sockets, or by a stand-in of a test.

import Synchronization
package import Telemetry

/// Sends one request and returns its response.
package protocol Transport: Sendable {
    func send(_ method: String, _ url: String, headers: HTTPHeaders, body: [UInt8]) async throws -> ServiceResponse
}

/// Sends requests over pooled connections, which all transports share.
package struct SocketTransport: Transport {
    private static let client = HTTPClient(loop: .ofService)
    private static let (maximumLocations, longestLocation) = (256, 512)
    /// The URLs that were asked for, since a service asks for few: reading one takes thousands of instructions.
    private static let locations = Mutex<[String: HTTPURL]>([:])
    private let timeout: Duration
    private let allowsPipelining: Bool

    /// - Parameter allowsPipelining: whether requests change nothing, so that those that are sent at the same time may share a connection,
    ///   and are sent again if it ends before their answers.
    package init(timeout: Duration = .seconds(10), allowsPipelining: Bool = false) {
        self.timeout = timeout
        self.allowsPipelining = allowsPipelining
    }

    package func send(_ method: String, _ url: String, headers: HTTPHeaders, body: [UInt8]) async throws -> ServiceResponse {
        guard let location = Self.location(url) else { throw HTTPClientError.unsupportedScheme(url) }
        var request = HTTPClient.Request(method: method, url: location, headers: headers, body: body)
        request.allowsPipelining = allowsPipelining
        return ServiceResponse(try await Self.client.send(request, deadline: .after(timeout)))
    }

    private static func location(_ url: String) -> HTTPURL? {
        guard url.utf8.count <= longestLocation else { return HTTPURL(url) }
        if let known = locations.withLock({ $0[url] }) { return known }
        guard let location = HTTPURL(url) else { return nil }
        locations.withLock { locations in
            if locations.count >= maximumLocations { locations = [:] }
            locations[url] = location
        }
        return location
    }
}
