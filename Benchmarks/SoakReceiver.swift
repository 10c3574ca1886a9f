// A receiver with random failures that counts the spans it has acknowledged.

import Glibc
import Synchronization

/// The behaviour for one request or the next connection.
enum Fault: Int, CaseIterable {
    case good, slow, garbageBody, partialSuccess
    case refuse, resetInBody, resetBeforeAnswer, halfAnswer, stall, noHTTP
    case busyNow, busyLater, tooMany, badRequest

    /// The relative frequency.
    var weight: UInt64 {
        switch self {
        case .good: 60
        case .slow, .garbageBody, .partialSuccess, .resetInBody, .resetBeforeAnswer, .halfAnswer, .busyNow, .tooMany: 6
        case .refuse, .badRequest, .noHTTP: 3
        case .busyLater: 2
        case .stall: 1
        }
    }

    static func random(_ generator: inout SoakRandom) -> Fault {
        var ticket = generator.next() % allCases.reduce(0) { $0 + $1.weight }
        for fault in allCases {
            if ticket < fault.weight { return fault }
            ticket -= fault.weight
        }
        return .good
    }
}

/// A seeded random number generator. (SplitMix64.)
struct SoakRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var number = state
        number = (number ^ (number >> 30)) &* 0xBF58_476D_1CE4_E5B9
        number = (number ^ (number >> 27)) &* 0x94D0_49BB_1331_11EB
        return number ^ (number >> 31)
    }
}

/// A receiver on a thread of its own that serves one connection at a time, as the exporter uses them.
final class SoakReceiver: Sendable {
    struct Tally {
        /// The acknowledged spans, and the spans rejected in partial successes.
        var acknowledged = 0
        var refused = 0
        var faults = [Int](repeating: 0, count: Fault.allCases.count)
        var connections = 0
    }

    let port: UInt16
    private let state = Mutex(Tally())
    /// The requested outages, oldest first, in milliseconds.
    private let absences = Mutex<[Int]>([])
    /// Ends all failures, so that the run can finish.
    private let isGood = Atomic(false)
    private let isEnding = Atomic(false)

    var tally: Tally { state.withLock { $0 } }

    init?(seed: UInt64) {
        guard let (listener, port) = Self.listen(on: 0) else { return nil }
        self.port = port
        let started = Unmanaged.passRetained(self)
        _ = Thread.start { started.takeRetainedValue().run(listener, SoakRandom(seed: seed)) }
    }

    /// Closes the connection during the next request and refuses connections for a time; once or several times.
    func fail(forMilliseconds absences: [Int]) { self.absences.withLock { $0 += absences } }

    /// Whether all failures of ``fail(forMilliseconds:)`` have happened.
    var hasFailed: Bool { absences.withLock { $0.isEmpty } }

    func beGood() { isGood.store(true, ordering: .relaxed) }

    func end() { isEnding.store(true, ordering: .relaxed) }

    private static func listen(on port: UInt16) -> (listener: Int32, port: UInt16)? {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) == 0 && Glibc.listen(listener, 64) == 0 && getsockname(listener, address, &length) == 0
            }
        }
        guard isListening else {
            close(listener)
            return nil
        }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private func run(_ first: Int32, _ generator: SoakRandom) {
        var (listener, generator) = (first, generator)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 22, alignment: 16)
        defer { buffer.deallocate() }
        while !isEnding.load(ordering: .relaxed) {
            var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 50) > 0 else { continue }
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { continue }
            state.withLock { $0.connections += 1 }
            let absence = serve(connection, buffer, &generator)
            close(connection)
            if let absence {
                close(listener)
                pause(milliseconds: absence)
                while true {
                    if let again = Self.listen(on: port) {
                        listener = again.listener
                        break
                    }
                    pause(milliseconds: 10)
                }
            }
        }
        close(listener)
    }

    /// Answers requests until the connection ends; returns for how many milliseconds connections are refused afterwards.
    private func serve(_ connection: Int32, _ buffer: UnsafeMutableRawBufferPointer, _ generator: inout SoakRandom) -> Int? {
        while true {
            let fault = isGood.load(ordering: .relaxed) ? .good : Fault.random(&generator)
            guard let spans = receive(connection, buffer, isCutShort: fault == .resetInBody) else { return nil }
            if let absence = absences.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                reset(connection)
                return absence
            }
            state.withLock { $0.faults[fault.rawValue] += 1 }
            switch fault {
            case .good: answer(connection, 200, acknowledging: spans)
            case .slow:
                count(spans)
                for byte in Self.response(200, "", "").utf8 {
                    send(connection, [byte])
                    pause(milliseconds: 1)
                }
            case .garbageBody: answer(connection, 200, "Content-Type: text/html\r\n", "<html>", acknowledging: spans)
            case .partialSuccess:
                // ExportTraceServiceResponse { partial_success { rejected_spans: one below 128 } }
                let refused = min(spans, 1 + Int(generator.next() % 100))
                let body = "\n\u{2}\u{8}" + String(Unicode.Scalar(UInt8(refused)))
                answer(connection, 200, "Content-Type: application/x-protobuf\r\n", body, acknowledging: spans - refused)
                state.withLock { $0.refused += refused }
            case .busyNow: answer(connection, 503, "Retry-After: 0\r\n")
            case .busyLater: answer(connection, 503, "Retry-After: 1\r\n")
            case .tooMany: answer(connection, 429)
            case .badRequest: answer(connection, 400, "", "no")
            case .refuse: return 20 + Int(generator.next() % 200)
            case .resetInBody, .resetBeforeAnswer:
                reset(connection)
                return nil
            case .halfAnswer:
                send(connection, Array("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".utf8))
                return nil
            case .noHTTP:
                send(connection, Array("SSH-2.0-OpenSSH\r\n".utf8))
                return nil
            case .stall:
                // The receiver waits until the sender times out.
                var byte: UInt8 = 0
                while read(connection, &byte, 1) > 0 {}
                return nil
            }
        }
    }

    /// Makes the close of the connection a reset.
    private func reset(_ connection: Int32) {
        var immediately = linger(l_onoff: 1, l_linger: 0)
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &immediately, socklen_t(MemoryLayout<linger>.size))
    }

    /// Reads one request; returns the number of its spans, or nil at the end of the connection. If cut short, it reads only the beginning.
    private func receive(_ connection: Int32, _ buffer: UnsafeMutableRawBufferPointer, isCutShort: Bool) -> Int? {
        guard let start = buffer.baseAddress else { return nil }
        var count = 0
        while count < buffer.count {
            let got = read(connection, start + count, buffer.count - count)
            guard got > 0 else { return nil }
            count += got
            if isCutShort { return 0 }
            if let (head, body) = Sink.request(buffer, count), count >= head + body {
                return Sink.spans(in: UnsafeRawBufferPointer(rebasing: buffer[head..<(head + body)]))
            }
        }
        return nil
    }

    private static func response(_ status: Int, _ fields: String, _ body: String) -> String {
        "HTTP/1.1 \(status) Status\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func answer(_ connection: Int32, _ status: Int, _ fields: String = "", _ body: String = "", acknowledging spans: Int = 0) {
        // Spans are counted before they are acknowledged, since the sender may compare at once.
        count(spans)
        send(connection, Array(Self.response(status, fields, body).utf8))
    }

    private func count(_ spans: Int) { state.withLock { $0.acknowledged += spans } }

    private func send(_ connection: Int32, _ bytes: [UInt8]) {
        _ = bytes.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    private func pause(milliseconds: Int) { usleep(UInt32(milliseconds * 1000)) }
}
