// Probes of name servers, and the messages that they read.

import ExampleSupport
import Glibc
import Telemetry
import Testing

@testable import TelemetryConsole

/// Answers that were held against blackbox_exporter 0.23 with the same modules.
private enum NameServer {
    /// Returns the answer to a query for `example.com`: an A record, or an SOA record; NXDOMAIN for names that begin with `missing`.
    static func answer(_ query: [UInt8]) -> [UInt8] {
        var end = 12
        while query[end] != 0 { end += Int(query[end]) + 1 }
        let type = query[end + 2]
        let question = Array(query[12..<end + 5])
        let head = Array(query[..<2])
        if question.starts(with: [7] + "missing".utf8) { return head + [0x85, 0x83, 0, 1, 0, 0, 0, 0, 0, 0] + question }
        func record(_ type: UInt8, _ lifetime: UInt16, _ data: [UInt8]) -> [UInt8] {
            [0xC0, 0x0C, 0, type, 0, 1, 0, 0, UInt8(lifetime >> 8), UInt8(lifetime & 0xFF), 0, UInt8(data.count)] + data
        }
        if type == 6 {
            let numbers: [UInt32] = [2_024_010_101, 7_200, 3_600, 1_209_600, 300]
            let names: [UInt8] = [3] + "ns1".utf8 + [0xC0, 0x0C, 4] + "host".utf8 + [0xC0, 0x0C]
            let data: [UInt8] =
                names + numbers.flatMap { number in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) } }
            return head + [0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 0] + question + record(6, 3_600, data)
        }
        return head + [0x85, 0x80, 0, 1, 0, 1, 0, 1, 0, 1] + question + record(1, 300, [192, 0, 2, 1])
            + record(2, 300, [3] + "ns1".utf8 + [0xC0, 0x0C]) + record(16, 60, [5] + "hello".utf8)
    }

    /// Answers over UDP, on a thread of its own: what belongs to another query first.
    static func start(queries: Int) throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        try #require(descriptor >= 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        try #require(status == 0)
        let port = Int(UInt16(bigEndian: address.sin_port))
        _ = WorkerThread.start(named: "test-dns") {
            defer { close(descriptor) }
            for _ in 0..<queries {
                var (peer, size) = (sockaddr(), socklen_t(MemoryLayout<sockaddr>.size))
                var buffer = [UInt8](repeating: 0, count: 512)
                let count = recvfrom(descriptor, &buffer, buffer.count, 0, &peer, &size)
                guard count > 16 else { return }
                let answer = NameServer.answer(Array(buffer[..<count]))
                var other = answer
                other[0] ^= 1
                sendto(descriptor, other, other.count, 0, &peer, size)
                sendto(descriptor, answer, answer.count, 0, &peer, size)
            }
        }
        return port
    }
}

@Suite(.enabled(if: YAMLReader.isAvailable, "libyaml is installed.")) struct DNSProberTests {
    @Test(
        "POC-44: probes of name servers have the results of blackbox_exporter",
        arguments: [
            ("query_type: A", nil), ("query_type: A, query_name: missing.example.com", "the server answered NXDOMAIN"),
            ("query_name: missing.example.com, valid_rcodes: [NXDOMAIN]", nil),
            (#"query_type: A, validate_answer_rrs: {fail_if_not_matches_regexp: ["^example\\.com\\.\t300\tIN\tA\t192.0.2.1$"]}"#, nil),
            (#"validate_authority_rrs: {fail_if_not_matches_regexp: ["^example\\.com\\.\t300\tIN\tNS\tns1\\.example\\.com\\.$"]}"#, nil),
            (#"validate_additional_rrs: {fail_if_none_matches_regexp: ["^example\\.com\\.\t60\tIN\tTXT\t\"hello\"$"]}"#, nil),
            ("validate_answer_rrs: {fail_if_matches_regexp: ['192']}", "the answer section: a record matches 192"),
            // The exporter fails if not all match, whatever the name says.
            ("validate_answer_rrs: {fail_if_all_match_regexp: ['192']}", nil),
            ("validate_answer_rrs: {fail_if_all_match_regexp: ['nope']}", "the answer section: not all records match"),
            (
                "query_name: missing.example.com, valid_rcodes: [NXDOMAIN], validate_answer_rrs: {fail_if_none_matches_regexp: [a]}",
                "the answer section: there is no record that could match"
            ),
        ] as [(String, String?)])
    func nameServersAreProbed(options: String, problem: String?) async throws {
        let port = try NameServer.start(queries: 1)
        let name = options.contains("query_name") ? "" : "query_name: example.com, "
        let module = "{prober: dns, dns: {preferred_ip_protocol: ip4, \(name)\(options)}}"
        let result = try await ProberTests.run(module, "localhost:\(port)")
        #expect(problem.map { result.problem?.hasPrefix($0) == true } ?? result.isSuccess, "\(result.problem ?? "")")
        let isMissing = options.contains("missing")
        #expect(result.page.value(.dnsSucceeded) == 1)
        #expect([.dnsAnswers, .dnsAuthorities, .dnsAdditionals].map { result.page.value($0) } == (isMissing ? [0, 0, 0] : [1, 1, 1]))
        #expect(result.page.samples[.dnsDuration]?.flatMap { $0.labels.map(\.value) } == ["resolve", "connect", "request"])
        #expect(result.page.value(.addressFamily) == 4)
    }

    @Test("POC-44: a zone's serial number is asked for by TCP") func serialNumberIsRead() async throws {
        let server = try ScriptedServer { connection in
            var query: [UInt8] = []
            while query.count < 2 || query.count < Int(query[1]) + 2 {
                let more = connection.read()
                if more.isEmpty { return }
                query += more
            }
            let answer = NameServer.answer(Array(query[2...]))
            connection.send([0, UInt8(answer.count)])
            connection.send(answer)
        }
        let line = #"^example\\.com\\.\t3600\tIN\tSOA\tns1\\.example\\.com\\. host\\.example\\.com\\. 2024010101 7200 3600 1209600 300$"#
        let options =
            "query_name: example.com, query_type: SOA, transport_protocol: tcp, validate_answer_rrs: {fail_if_not_matches_regexp: [\"\(line)\"]}"
        let result = try await ProberTests.run("{prober: dns, dns: {\(options)}}", "127.0.0.1:\(server.port)")
        #expect(result.isSuccess, "\(result.problem ?? "")")
        #expect(result.page.value(.dnsSerial) == 2_024_010_101)
    }

    @Test func textsOfRecordsAreThoseOfZoneFiles() throws {
        func text(_ type: UInt16, _ data: [UInt8]) throws -> String {
            let header: [UInt8] = [
                0, 0, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 97, 0, UInt8(type >> 8), UInt8(type & 0xFF), 0, 1, 0, 0, 0, 9, 0,
                UInt8(data.count),
            ]
            return try String(#require(try DNSMessage(header + data).answers.first).text.dropFirst("a.\t9\tIN\t".count))
        }
        #expect(try text(28, [0x20, 1, 0xD, 0xB8] + [UInt8](repeating: 0, count: 11) + [1]) == "AAAA\t2001:db8::1")
        #expect(try text(28, [UInt8](repeating: 0, count: 16)) == "AAAA\t::")
        #expect(try text(15, [0, 10, 1, 98, 0]) == "MX\t10 b.")
        #expect(try text(33, [0, 1, 0, 2, 0x1F, 0x90, 1, 98, 0]) == "SRV\t1 2 8080 b.")
        #expect(try text(16, [1, 34, 2, 7, 65]) == "TXT\t\"\\\"\" \"\\007A\"")
        #expect(try text(257, [0, 5] + "issuea.b".utf8) == "CAA\t0 issue \"a.b\"")
        #expect(try text(5, [3, 97, 46, 98, 0]) == "CNAME\ta\\.b.")
        #expect(try text(65_000, [1, 255]) == "TYPE65000\t\\# 2 01ff")
    }

    @Test func messagesAreReadWithoutHarm() throws {
        let query = try #require(DNSMessage.query("example.com", .any, 1, id: 7, wantsRecursion: true))
        #expect(query == [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 7] + "example".utf8 + [3] + "com".utf8 + [0, 0, 255, 0, 1])
        #expect(DNSMessage.query(String(repeating: "a", count: 64), .any, 1, id: 7, wantsRecursion: true) == nil)
        #expect(DNSMessage.query("a..b", .any, 1, id: 7, wantsRecursion: true) == nil)
        let valid = NameServer.answer(query)
        #expect(DNSMessage.isAnswer(valid, to: query) && !DNSMessage.isAnswer(query, to: query))
        #expect(throws: DNSMessage.Failure(reason: "a name points in a circle")) {
            try DNSMessage([0, 0, 0x80, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xC0, 12, 0, 1, 0, 1])
        }
        for count in 0..<valid.count { #expect(throws: DNSMessage.Failure.self) { try DNSMessage(Array(valid[..<count])) } }
        var random = SplitMix64(seed: 53)
        var readable = 0
        for _ in 0..<5_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if (try? DNSMessage(bytes)) != nil { readable += 1 }
        }
        #expect((1..<5_000).contains(readable))
    }
}
