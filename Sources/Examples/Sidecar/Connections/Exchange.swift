// One request on its way from a client to an upstream and back.

import ExampleSupport
import Telemetry

/// Moves a request's body and its answer between two connections, and decides about retries; a value of its time limits, body framing and
/// telemetry.
final class Exchange {
    private enum Stage {
        /// Before the endpoint has room, or the connection is open.
        case connecting
        /// The request is sent, and the answer has not begun.
        case awaitingHead
        case streaming
        /// Between two attempts.
        case pausing
        case done
    }

    /// The bytes of a body that are kept for another attempt; of longer ones there is none.
    private static let keptBytes = 64 * 1024
    private static let maximumInterimResponses = 32

    let request: RequestHead
    private unowned let client: ClientConnection
    private let server: SidecarServer
    private let upstream: Upstream?
    private var telemetry: ExchangeTelemetry
    private var stage = Stage.connecting
    private(set) var connection: UpstreamConnection?
    /// The endpoint that the last attempt has failed at.
    private(set) var failedEndpoint: Endpoint?
    private var requestBody: BodyReader
    private var responseBody: BodyReader?
    private var responseReader = HeadReader(isRequest: false)
    private var interimCount = 0
    private var responseStatus: Int?
    private var keepsClient = true
    private var keepsUpstream = false
    private var upstreamHasEnded = false
    private var isTunnel = false
    /// What has been sent of the body, in its framing.
    private var kept: [UInt8] = []
    private var isKept = true
    private var attemptCount = 0
    private var hasRepeatedStale = false
    private var stageLimit = UInt64.max
    private let wholeLimit: UInt64

    init(_ request: RequestHead, _ client: ClientConnection) {
        self.request = request
        self.client = client
        server = client.server
        upstream = request.route.map { client.server.upstreams[$0.upstream] }
        telemetry = client.server.telemetry.begin(request, client)
        requestBody = BodyReader(
            request.framing, isWrittenInChunks: request.framing == .chunked, leavingOut: telemetry.replacedFields)
        wholeLimit = upstream?.configuration.wholeTimeout.map { Deadline.after($0).nanoseconds } ?? .max
    }

    /// Whether an endpoint can still be given.
    var isWaiting: Bool { stage == .connecting && connection == nil }

    func start() {
        guard let upstream else { return answer(404, "there is no route for this host and path\n") }
        if request.hopsLeft == 0 { return answer(204, "") }
        upstream.countRequest()
        server.loop.check(at: wholeLimit)
        attempt()
    }

    private func attempt() {
        attemptCount += 1
        stage = .connecting
        setLimit(upstream?.configuration.connectTimeout)
        upstream?.submit(self)
    }

    // MARK: Time

    private func setLimit(_ duration: Duration?) {
        stageLimit = duration.map { Deadline.after($0).nanoseconds } ?? .max
        server.loop.check(at: stageLimit)
    }

    func checkTime(_ now: UInt64) -> UInt64 {
        let limit = min(stageLimit, wholeLimit)
        guard now >= limit else { return limit }
        if now >= wholeLimit { fail(.wholeTimedOut) } else { stageTimedOut() }
        return stage == .done ? .max : min(stageLimit, wholeLimit)
    }

    private func stageTimedOut() {
        switch stage {
        case .connecting where connection == nil: fail(.overloaded)
        case .connecting: attemptFailed(.connectTimedOut)
        // All that has come in of the request is sent: it is the client that is waited for.
        case .awaitingHead where !requestBody.isComplete && connection?.link?.pendingCount == 0: fail(.clientTooSlow)
        case .awaitingHead: attemptFailed(.firstByteTimedOut)
        case .streaming: fail(.idleTimedOut)
        case .pausing: attempt()
        case .done: break
        }
    }

    private func madeProgress() {
        guard let configuration = upstream?.configuration else { return }
        setLimit(stage == .streaming ? configuration.idleTimeout : configuration.firstByteTimeout)
    }

    // MARK: The request

    /// Takes a connection, which may have to connect first.
    func begin(on connection: UpstreamConnection) {
        assert(self.connection == nil && stage == .connecting, "One attempt follows another.")
        self.connection = connection
        telemetry.beginAttempt(request, connection.endpoint, number: attemptCount - 1)
        connection.carry(self)
    }

    /// Sends the head, and what there is of the body.
    func opened(_ connection: UpstreamConnection) {
        guard let link = connection.link, stage == .connecting else { return }
        stage = .awaitingHead
        telemetry.connected(to: connection)
        HeadWriter.writeRequest(
            request.head, request.framing, origin: origin, carried: telemetry.carriedFields(), replaced: telemetry.replacedFields,
            hopsLeft: request.hopsLeft,
            upgrade: request.upgrade, via: server.name, into: &link.output)
        link.output.append(contentsOf: kept)
        madeProgress()
        moveRequest()
        link.flush()
        // The rest of the body may have been waiting in the client's socket.
        if !requestBody.isComplete { client.process() }
    }

    private var origin: RequestOrigin {
        let configuration = client.listener.configuration
        return RequestOrigin(
            clientAddress: client.peer.host, scheme: configuration.tls == nil ? "http" : "https",
            trustsForwarded: configuration.trustsForwarded)
    }

    /// Moves what has arrived of the body to the upstream, unless that is slow.
    func moveRequest() {
        guard let link = connection?.link, stage == .awaitingHead || stage == .streaming, !requestBody.isComplete, !link.isFull,
            !client.input.isEmpty
        else { return }
        let before = link.output.count
        do throws(HTTPParseError) {
            try requestBody.move(&client.input, to: &link.output)
        } catch {
            return fail(.badRequest(error.description))
        }
        let added = link.output.count - before
        guard added > 0 else { return }
        if isKept { keep(link.output[before...]) }
        link.flush()
        madeProgress()
    }

    private func keep(_ bytes: ArraySlice<UInt8>) {
        if kept.count + bytes.count <= Self.keptBytes {
            kept += bytes
        } else {
            (kept, isKept) = ([], false)
        }
    }

    func upstreamHasRoom() { client.process() }

    /// The client sends nothing more; returns whether the exchange goes on.
    func clientEnded() -> Bool {
        guard isTunnel else { return false }
        connection?.link?.endOutput()
        return true
    }

    // MARK: The answer

    func upstreamIsReadable(_ connection: UpstreamConnection) {
        guard let link = connection.link, stage != .done else { return }
        let received = link.receive(into: &connection.input, upTo: Link.highMark)
        if received == .closed { upstreamHasEnded = true }
        moveResponse()
    }

    func upstreamBroke(_ connection: UpstreamConnection) {
        // What is left in the socket may be the answer, or the rest of it.
        guard connection.link?.isReading == true else { return upstreamHasEnded = true }
        upstreamHasEnded = true
        upstreamIsReadable(connection)
    }

    func clientHasRoom() {
        guard let connection, let link = connection.link, stage == .streaming else { return }
        link.setReading(true)
        if upstreamHasEnded { upstreamIsReadable(connection) } else { moveResponse() }
    }

    /// Moves what has arrived of the answer to the client, unless that is slow.
    private func moveResponse() {
        guard let connection, stage == .awaitingHead || stage == .streaming else { return }
        do throws(HTTPParseError) {
            while responseBody == nil {
                guard let (head, reason) = try responseReader.next(&connection.input) else { break }
                try take(head, reason, connection)
                guard self.connection === connection else { return }
            }
            guard responseBody != nil, !client.link.isFull else {
                client.link.flush()
                if responseBody != nil { connection.link?.setReading(false) }
                return responseBody == nil && upstreamHasEnded ? attemptFailed(.closedEarly) : ()
            }
            try responseBody?.move(&connection.input, to: &client.link.output)
            if upstreamHasEnded, connection.input.isEmpty, responseBody?.isComplete == false {
                try responseBody?.end(to: &client.link.output)
            }
        } catch {
            return attemptFailed(error == .endedEarly ? .closedEarly : .malformed(error.description))
        }
        if responseBody?.isComplete == true { return finish(connection) }
        client.link.flush()
        madeProgress()
        connection.link?.setReading(!client.link.isFull && connection.input.count < Link.highMark)
    }

    private func take(_ head: HTTPHead, _ reason: String?, _ connection: UpstreamConnection) throws(HTTPParseError) {
        if head.status == 101 { return try beginTunnel(head, reason, connection) }
        guard head.status >= 200 else {
            interimCount += 1
            guard interimCount <= Self.maximumInterimResponses else { throw .bad("there are only interim responses") }
            guard request.head.minorVersion == 1 else { return }
            return HeadWriter.writeResponse(head, reason: reason, .unspoken, connection: nil, via: server.name, into: &client.link.output)
        }
        if let upstream, upstream.configuration.retriedStatuses.contains(head.status), canRetry(.refused(status: head.status)),
            upstream.takeRetry()
        {
            return attemptFailed(.refused(status: head.status), hasRetry: true)
        }
        if head.status < 500 { connection.answered() }
        let isHead = request.head.method == "HEAD"
        let hasNoBody = isHead || head.status == 204 || head.status == 304
        let framing = hasNoBody ? .length(0) : try head.bodyFraming(isRequest: false)
        let isOld = request.head.minorVersion == 0
        let said: HeadWriter.ResponseFraming
        switch framing {
        case .length: said = head.status == 204 ? .unspoken : .asItIs
        case .chunked, .untilClose: said = isOld ? .unspoken : .chunked
        }
        keepsClient = request.head.keepsConnection && !server.isDraining && !(isOld && said == .unspoken && !hasNoBody)
        keepsUpstream = head.keepsConnection && framing != .untilClose
        responseStatus = head.status
        HeadWriter.writeResponse(
            head, reason: reason, said, connection: keepsClient ? (isOld ? "keep-alive" : nil) : "close", via: server.name,
            into: &client.link.output)
        responseBody = BodyReader(framing, isWrittenInChunks: said == .chunked)
        stage = .streaming
    }

    /// Passes bytes of another protocol from here on.
    private func beginTunnel(_ head: HTTPHead, _ reason: String?, _ connection: UpstreamConnection) throws(HTTPParseError) {
        guard let asked = request.upgrade, requestBody.isComplete else { throw .bad("it changes the protocol, which nobody has asked for") }
        connection.answered()
        HeadWriter.writeResponse(
            head, reason: reason, .unspoken, connection: "Upgrade", upgrade: head.headers["Upgrade"] ?? asked, via: server.name,
            into: &client.link.output)
        (isTunnel, isKept, keepsClient, keepsUpstream) = (true, false, false, false)
        (kept, responseStatus, stage) = ([], 101, .streaming)
        requestBody = BodyReader(.untilClose, isWrittenInChunks: false)
        responseBody = BodyReader(.untilClose, isWrittenInChunks: false)
        client.link.flush()
        // The client may have sent the first bytes already.
        moveRequest()
    }

    // MARK: The end

    private func finish(_ connection: UpstreamConnection) {
        let status = responseStatus ?? 0
        let isReusable =
            keepsUpstream && !upstreamHasEnded && requestBody.isComplete && connection.input.isEmpty && connection.link?.pendingCount == 0
        stage = .done
        self.connection = nil
        telemetry.endAttempt(status: status, error: nil)
        end(status: status, error: nil)
        upstream?.release(connection, status >= 500 ? .failure : .success, keeping: isReusable)
        client.link.flush()
        client.exchangeEnded(isKept: keepsClient && requestBody.isComplete)
    }

    /// Ends an attempt; another one follows if it may.
    ///
    /// - Parameter hasRetry: whether a retry has been taken out of the budget for it.
    func attemptFailed(_ failure: SidecarFailure, hasRetry: Bool = false) {
        guard stage != .done else { return }
        let connection = connection
        // A kept connection may close at the moment at which a request is sent: that is no failure of the endpoint.
        let isStale =
            failure == .closedEarly && connection?.isReused == true && interimCount == 0 && responseStatus == nil && !hasRepeatedStale
        let retries = responseStatus == nil && (isStale ? request.isIdempotent && isKept : canRetry(failure))
        detach(isStale ? .unknown : failure.countsAgainstUpstream ? .failure : .unknown, failure)
        guard retries else { return end(failure) }
        responseReader = HeadReader(isRequest: false)
        upstreamHasEnded = false
        if isStale {
            hasRepeatedStale = true
            attemptCount -= 1
            return attempt()
        }
        guard hasRetry || upstream?.takeRetry() == true else { return end(failure) }
        failedEndpoint = connection?.endpoint
        server.telemetry.countRetry(upstream, failure)
        stage = .pausing
        // 25 ms, 50 ms, 100 ms and so on up to a second, each by a random part shorter.
        setLimit(.milliseconds(min(25 << (attemptCount - 1), 1000) * Int.random(in: 50...100) / 100))
    }

    private func canRetry(_ failure: SidecarFailure) -> Bool {
        guard let upstream, failure.canBeRetried, attemptCount <= upstream.configuration.retries else { return false }
        switch failure {
        // Nothing has been sent: any request may be.
        case .unreachable, .connectTimedOut: return true
        default: return request.isIdempotent && isKept
        }
    }

    /// Ends the exchange without an answer from the upstream.
    func fail(_ failure: SidecarFailure) {
        guard stage != .done else { return }
        detach(failure.countsAgainstUpstream ? .failure : .unknown, failure)
        end(failure)
    }

    /// Called when the client's connection has closed.
    func abandon(_ failure: SidecarFailure) {
        guard stage != .done else { return }
        stage = .done
        detach(.unknown, failure)
        end(status: responseStatus, error: failure)
    }

    private func detach(_ outcome: Upstream.Outcome, _ failure: SidecarFailure) {
        guard let connection else { return }
        self.connection = nil
        telemetry.endAttempt(status: responseStatus, error: failure)
        upstream?.release(connection, outcome, keeping: false)
    }

    private func end(_ failure: SidecarFailure) {
        guard responseStatus == nil else {
            stage = .done
            end(status: responseStatus, error: failure)
            return client.exchangeBroke()
        }
        var fields: HTTPHeaders = [:]
        if failure.status == 503 { fields["Retry-After"] = "1" }
        answer(failure.status, failure.description + "\n", fields, failure)
    }

    /// Answers for the sidecar itself.
    private func answer(_ status: Int, _ text: String, _ fields: HTTPHeaders = [:], _ failure: SidecarFailure? = nil) {
        stage = .done
        let isKept = request.head.keepsConnection && !server.isDraining && requestBody.isComplete
        HeadWriter.writeAnswer(
            status: status, text: text, fields: fields,
            connection: isKept ? (request.head.minorVersion == 0 ? "keep-alive" : nil) : "close",
            hasBody: request.head.method != "HEAD", into: &client.link.output)
        end(status: status, error: failure)
        client.link.flush()
        client.exchangeEnded(isKept: isKept)
    }

    private func end(status: Int?, error: SidecarFailure?) {
        telemetry.end(
            status: status, error: error,
            ExchangeTelemetry.Summary(
                upstream: upstream?.configuration.name, attempts: attemptCount, requestBytes: requestBody.byteCount,
                responseBytes: responseBody?.byteCount ?? 0))
    }
}
