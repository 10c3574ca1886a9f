// The state machine of a client's connection.

import ExampleSupport
import Telemetry

/// Reads the requests of one client, one after another, and passes each on as an exchange.
///
/// `@unchecked`: used on the loop's thread only.
final class ClientConnection: LinkOwner, @unchecked Sendable {
    private enum Stage { case handshake, head, exchange, lingering, closed }

    /// How long a peer may take to read the last answer.
    private static let lingerTime = Duration.seconds(1)

    let server: SidecarServer
    let listener: Listener
    let peer: (host: String, port: Int)
    private(set) var link: Link!
    var input = InputBuffer()
    private var reader = HeadReader(isRequest: true)
    private(set) var exchange: Exchange?
    private var stage: Stage
    private var isProcessing = false
    /// When the present wait began.
    private var since = SystemClock.monotonicNanoseconds()

    /// Takes an accepted socket; nil if the system has no more memory or descriptors.
    init?(_ socket: Socket, _ server: SidecarServer, _ listener: Listener) {
        self.server = server
        self.listener = listener
        peer = socket.peerAddress?.hostAndPort ?? ("", 0)
        stage = listener.configuration.tls == nil ? .head : .handshake
        guard let transport = HTTPTransport(accepted: socket, tls: listener.configuration.tls?.context),
            let link = Link(transport, server.loop, owner: self, isConnecting: false)
        else { return nil }
        self.link = link
        restartTimer()
    }

    var isClosed: Bool { stage == .closed }

    /// Closes an idle connection at once; a busy one closes after its answer.
    func drain() {
        if stage == .head || stage == .handshake, input.isEmpty { close() }
    }

    func close() {
        guard stage != .closed else { return }
        stage = .closed
        let exchange = exchange
        self.exchange = nil
        exchange?.abandon(.clientGone)
        link.close()
        input = InputBuffer()
        server.remove(self)
    }

    // MARK: Events

    func linkOpened() {
        if let names = listener.configuration.tls?.clientNames, !names.isEmpty {
            let shown = link.transport.peerNames
            guard names.contains(where: { name in shown.contains { $0.matches(name) } }) else {
                server.log.warn(
                    "client refused: its certificate has none of the listener's client_names",
                    ["listener": .string(listener.configuration.name), "names": .string(shown.map(\.text).joined(separator: ", "))])
                return close()
            }
        }
        stage = .head
        restartTimer()
    }

    func linkIsReadable() {
        guard stage == .head || stage == .exchange || stage == .lingering else { return }
        let wasEmpty = input.isEmpty
        let received = link.receive(into: &input, upTo: Link.highMark)
        if stage == .lingering {
            input = InputBuffer()
            if received == .closed { close() }
            return
        }
        if stage == .head, wasEmpty, !input.isEmpty { restartTimer() }
        process()
        guard received == .closed, !isClosed else { return }
        if let exchange, exchange.clientEnded() { return link.setReading(false) }
        close()
    }

    func linkDrained() {
        exchange?.clientHasRoom()
        if stage == .lingering || exchange == nil { process() }
    }

    func linkFailed(_ reason: String) {
        if stage == .handshake {
            server.log.warn("TLS with a client failed", ["listener": .string(listener.configuration.name), "reason": .string(reason)])
        }
        close()
    }

    // MARK: Time

    private func restartTimer() {
        since = SystemClock.monotonicNanoseconds()
        server.loop.check(at: timeLimit)
    }

    private var timeLimit: UInt64 {
        let duration: Duration =
            switch stage {
            case .closed, .exchange: .seconds(1 << 30)
            case .handshake: listener.configuration.headTimeout
            case .head: input.isEmpty ? listener.configuration.idleTimeout : listener.configuration.headTimeout
            case .lingering: Self.lingerTime
            }
        return Deadline(nanoseconds: since).advanced(by: duration).nanoseconds
    }

    func linkTime(_ now: UInt64) -> UInt64 {
        if let exchange { return exchange.checkTime(now) }
        let limit = timeLimit
        guard now >= limit else { return limit }
        if stage == .head, !input.isEmpty {
            refuse(408, "the head of the request took too long to come in")
            return timeLimit
        }
        close()
        return .max
    }

    // MARK: Requests

    /// Begins requests whose heads are there, one after another, as long as each is answered at once; moves the body of one in progress.
    func process() {
        // An exchange that ends at once gets here from within the loop below, which goes on by itself.
        guard !isProcessing else { return }
        isProcessing = true
        defer { isProcessing = false }
        // Answers do not accumulate for a client that reads none.
        while stage == .head, exchange == nil, !link.isFull {
            do throws(HTTPParseError) {
                guard let (head, _) = try reader.next(&input) else { break }
                begin(head)
            } catch {
                refuse(error.status, error.description)
            }
        }
        exchange?.moveRequest()
        guard !isClosed else { return }
        link.setReading(stage == .lingering || input.count < Link.highMark)
    }

    private func begin(_ head: HTTPHead) {
        let request: RequestHead
        do throws(HTTPParseError) {
            request = try RequestHead(head, routes: listener.routes)
        } catch {
            return refuse(error.status, error.description)
        }
        stage = .exchange
        let exchange = Exchange(request, self)
        self.exchange = exchange
        exchange.start()
    }

    /// Called by the exchange with its last byte in the output.
    ///
    /// - Parameter isKept: whether the client may send another request.
    func exchangeEnded(isKept: Bool) {
        guard !isClosed else { return }
        exchange = nil
        guard isKept, !server.isDraining else { return linger() }
        stage = .head
        if input.isEmpty { restartTimer() } else { since = SystemClock.monotonicNanoseconds() }
        process()
    }

    /// Ends a connection in the middle of an answer, so that the client notices that it is not whole.
    func exchangeBroke() {
        exchange = nil
        close()
    }

    /// Answers a request that is none, and closes the connection: what follows cannot be told from it.
    private func refuse(_ status: Int, _ text: String) {
        server.countRefusal(listener, status)
        HeadWriter.writeAnswer(status: status, text: text + "\n", connection: "close", hasBody: true, into: &link.output)
        linger()
    }

    /// Lets the peer read the answer before the connection closes: bytes that it still sends would otherwise reset it.
    private func linger() {
        stage = .lingering
        input = InputBuffer()
        link.endOutput()
        link.setReading(true)
        restartTimer()
    }
}
