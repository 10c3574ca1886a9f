// The decisions of a sidecar that need no socket.

import ExampleSupport
import Glibc
import Testing

@testable import Sidecar
@testable import Telemetry

@Suite("POC-43: sidecar, decisions") struct SidecarValueTests {
    @Test func breakerCountsFailuresInARow() {
        var breaker = CircuitBreaker(failureLimit: 3, openNanoseconds: 100, probeLimit: 1)
        for outcome in [false, false, true, false, false] {
            let request = breaker.begin(at: 0)
            let opens = !outcome && breaker.fail(request, at: 0)
            if outcome { breaker.succeed(request) }
            #expect(!opens)
        }
        #expect(breaker.state == .closed)
        let (early, last) = (breaker.begin(at: 5), breaker.begin(at: 5))
        let opens = breaker.fail(last, at: 5)
        // A request that began before, and is answered after all, does not close it.
        breaker.succeed(early)
        #expect(opens && breaker.state == .open(until: 105) && breaker.isOpen(at: 104) && !breaker.isOpen(at: 105))
    }

    @Test func halfOpenBreakerLetsProbesThrough() {
        var breaker = CircuitBreaker(failureLimit: 1, openNanoseconds: 100, probeLimit: 2)
        let first = breaker.begin(at: 0)
        _ = breaker.fail(first, at: 0)
        let probe = breaker.begin(at: 100)
        #expect(breaker.state == .halfOpen && !breaker.isOpen(at: 100))
        let other = breaker.begin(at: 100)
        #expect(breaker.isOpen(at: 100))
        // A probe whose client has gone makes room for another one.
        breaker.cancel(other)
        #expect(!breaker.isOpen(at: 100))
        let opensAgain = breaker.fail(probe, at: 150)
        #expect(opensAgain && breaker.state == .open(until: 250))
        let last = breaker.begin(at: 250)
        breaker.succeed(last)
        #expect(breaker.state == .closed)
    }

    @Test func requestsFromBeforeTheOpeningDoNotDecideAboutAHalfOpenBreaker() {
        var breaker = CircuitBreaker(failureLimit: 1, openNanoseconds: 100, probeLimit: 1)
        let old = (0..<3).map { _ in breaker.begin(at: 0) }
        let first = breaker.begin(at: 0)
        _ = breaker.fail(first, at: 0)
        let probe = breaker.begin(at: 100)
        breaker.succeed(old[0])
        let reopens = breaker.fail(old[1], at: 100)
        breaker.cancel(old[2])
        #expect(!reopens && breaker.state == .halfOpen && breaker.isOpen(at: 100))
        breaker.answer(old[0])
        #expect(breaker.state == .halfOpen)
        // The head of the probe's answer closes it; what becomes of the body is not asked then.
        breaker.answer(probe)
        let opens = breaker.fail(probe, at: 101)
        #expect(!opens && breaker.state == .closed)
    }

    @Test func answerAloneDoesNotEndARowOfFailures() {
        var breaker = CircuitBreaker(failureLimit: 2, openNanoseconds: 100, probeLimit: 1)
        // Answers that break off behind their heads are failures.
        for isLast in [false, true] {
            let request = breaker.begin(at: 0)
            breaker.answer(request)
            #expect(breaker.fail(request, at: 0) == isLast)
        }
    }

    @Test func lackOfDescriptorsIsNoFailureOfTheUpstream() {
        for code in [EMFILE, ENFILE, ENOMEM, ENOBUFS] {
            let failure = SidecarFailure(connecting: SocketError(code: code), to: "192.0.2.1:80")
            #expect(!failure.countsAgainstUpstream && !failure.canBeRetried && failure.status == 503 && failure.reason == "exhausted")
        }
        let failure = SidecarFailure(connecting: SocketError(code: ECONNREFUSED), to: "192.0.2.1:80")
        #expect(failure.countsAgainstUpstream && failure.canBeRetried && "\(failure)".contains("192.0.2.1:80"))
    }

    @Test func limitOfDescriptorsIsRaisedAndNeverLowered() {
        #expect(SidecarApp.raised(1024, atMost: 4096) == 4096 && SidecarApp.raised(1024, atMost: 1 << 20) == 65_536)
        #expect(SidecarApp.raised(1 << 18, atMost: 1 << 20) == 1 << 18)
        let file = SidecarConfiguration()
        #expect(SidecarApp.descriptorProblem(file, 20_100) == nil)
        #expect(SidecarApp.descriptorProblem(file, 4096)?.contains("set maximum_connections to 1998 or less") == true)
    }

    @Test func budgetIsAShareOfRequests() {
        var budget = RetryBudget(share: 200, burst: 2)
        var taken: [Bool] = []
        for _ in 0..<3 { taken.append(budget.takeRetry()) }
        for _ in 0..<5 { budget.addRequest() }
        for _ in 0..<2 { taken.append(budget.takeRetry()) }
        for _ in 0..<1000 { budget.addRequest() }
        for _ in 0..<3 { taken.append(budget.takeRetry()) }
        #expect(taken == [true, true, false, true, false, true, true, false])
    }

    @Test func mostSpecificRouteIsTaken() {
        let table = RouteTable([
            RouteConfiguration(host: nil, prefix: "/", upstream: 0), RouteConfiguration(host: nil, prefix: "/albums", upstream: 1),
            RouteConfiguration(host: "*.example.org", prefix: "/", upstream: 2),
            RouteConfiguration(host: "a.example.org", prefix: "/", upstream: 3),
            RouteConfiguration(host: "a.example.org", prefix: "/x/", upstream: 4),
        ])
        func upstream(_ host: String?, _ target: String) -> Int? { table.route(host: host, target: target)?.upstream }
        #expect(upstream("b", "/albums") == 1 && upstream("b", "/albums/1?x=/y") == 1 && upstream("b", "/albums?x") == 1)
        #expect(upstream("b", "/albumsong") == 0 && upstream(nil, "*") == nil)
        #expect(upstream("B.Example.org:8080", "/albums") == 2 && upstream("example.org", "/") == 0 && upstream("xexample.org", "/") == 0)
        #expect(
            upstream("A.example.org.", "/albums") == 3 && upstream("a.example.org", "/x/1") == 4 && upstream("a.example.org", "/x") == 3)
    }

    // MARK: Messages in pieces

    /// Passes the bytes to readers in pieces of the given sizes; returns what is written of head and body, or the error.
    private func pass(_ bytes: [UInt8], in sizes: () -> Int) -> String {
        var (input, reader, output) = (InputBuffer(), HeadReader(isRequest: true), [UInt8]())
        var body: BodyReader?
        var rest = bytes[...]
        do throws(HTTPParseError) {
            while !rest.isEmpty {
                let piece = rest.prefix(max(1, sizes()))
                rest = rest.dropFirst(piece.count)
                piece.withUnsafeBytes { input.append($0) }
                if body == nil, let (head, _) = try reader.next(&input) {
                    output += "\(head.method) \(head.target) \(head.headers.map { "\($0.name)=\($0.value)" })\n".utf8
                    body = BodyReader(try head.bodyFraming(isRequest: true), isWrittenInChunks: false)
                }
                try body?.move(&input, to: &output)
            }
            return String(decoding: output, as: UTF8.self) + "|\(body?.isComplete ?? false)|\(input.count)"
        } catch {
            return "\(error.status) \(error.description)"
        }
    }

    @Test func pieceSizesDoNotMatterToMessages() {
        let messages = [
            "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: 1\r\n\r\nrest",
            "\r\n\r\nPUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhellorest", "GET / HTTP/1.1\r\nHost: a\r\n\r\nrest",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n",
        ]
        let known = messages.map { pass(Array($0.utf8)) { 1 << 20 } }
        #expect(known[0].hasSuffix("abc0123456789|true|4") && known[1].hasSuffix("hello|true|4") && known[2].hasSuffix("|true|4"))
        #expect(known[3...].allSatisfy { $0.hasPrefix("400 ") })
        var random = SplitMix64(seed: 18)
        for (message, whole) in zip(messages, known) {
            for _ in 0..<200 { #expect(pass(Array(message.utf8)) { Int.random(in: 1...9, using: &random) } == whole) }
        }
    }

    @Test func brokenBytesNeverTrap() {
        var random = SplitMix64(seed: 43)
        let seed = Array(
            "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: x, y\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n".utf8)
        var outcomes: Set<String> = []
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert([13, 10, 32, 48, 58, 255].randomElement(using: &random) ?? 0, at: place)
                }
            }
            outcomes.insert(String(pass(bytes) { Int.random(in: 1...40, using: &random) }.prefix(3)))
        }
        #expect(outcomes.contains("400") && outcomes.contains("POS"))
    }

    @Test func headsAreBounded() {
        let line = "GET /" + String(repeating: "a", count: 9000)
        #expect(pass(Array(line.utf8)) { 500 }.hasPrefix("414 "))
        let many = "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 200) + "\r\n"
        #expect(pass(Array(many.utf8)) { 500 }.hasPrefix("431 "))
        let long = "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 60_000)
        #expect(pass(Array(long.utf8)) { 500 }.hasPrefix("431 "))
        let extensions =
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            + String(repeating: "1;\(String(repeating: "e", count: 200))\r\na\r\n", count: 200)
        #expect(pass(Array(extensions.utf8)) { 500 }.hasPrefix("400 "))
    }
}
