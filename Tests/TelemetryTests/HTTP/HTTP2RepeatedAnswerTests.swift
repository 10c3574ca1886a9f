// Answers that repeat the ones before: what is kept of them must not show.

import Testing

@testable import Telemetry

struct HTTP2RepeatedAnswerTests {
    private typealias Fields = [(String, String)]

    private static func answer(_ blocks: [Fields], content: [UInt8] = []) -> HTTP2Answer {
        var answer = HTTP2Answer()
        for block in blocks {
            for (name, value) in block {
                Array(name.utf8).withUnsafeBufferPointer { name in
                    Array(value.utf8).withUnsafeBufferPointer { answer.append(name, $0) }
                }
            }
            answer.endBlock()
        }
        content.withUnsafeBufferPointer { answer.append(content: $0) }
        return answer
    }

    @Test func answersWithOtherFieldsOrContentDiffer() {
        let head: Fields = [(":status", "200"), ("a", "bc")]
        let answer = Self.answer([head, [("t", "z")]], content: [1, 2])
        #expect(answer == Self.answer([head, [("t", "z")]], content: [1, 2]))
        let others = [
            Self.answer([head, [("t", "z")]], content: [1, 3]), Self.answer([head, [("t", "z")]], content: [1]),
            Self.answer([head, [("t", "y")]], content: [1, 2]), Self.answer([head + [("t", "z")]], content: [1, 2]),
            Self.answer([[(":status", "200"), ("ab", "c")], [("t", "z")]], content: [1, 2]),
            Self.answer([[(":status", "500"), ("a", "bc")], [("t", "z")]], content: [1, 2]), Self.answer([head], content: [1, 2]),
        ]
        for other in others { #expect(answer != other) }
    }

    @Test func informationalHeadsAndUnknownPseudoFieldsAreLeftOut() {
        let response = Self.answer(
            [[(":status", "103"), ("early", "1")], [(":status", "200"), (":other", "x"), ("a", "")], [("t", "z")]], content: [7]
        ).response
        #expect(response.status == 200 && response.body == [7] && !response.isRepeated)
        #expect(response.headers.map { "\($0.name)=\($0.value)" } == ["a="])
        #expect(response.trailers.map { "\($0.name)=\($0.value)" } == ["t=z"])
    }

    @Test(.enabled(if: HTTP2Peer.isAvailable, "nghttp2 is installed."))
    func anAnswerIsReadAnewWhenItChanges() async throws {
        // The status, the content, and the value of the trailer.
        let long = String(repeating: "x", count: 2_000)
        let answers = [
            ("200", "ok", "0"), ("200", "ok", "0"), ("200", "no", "0"), ("200", "no", "1"), ("503", "no", "1"), ("503", "no", "1"),
            ("200", "ok", "0"), ("200", long, "0"), ("200", long, "0"), ("200", "ok", "0"), ("200", "ok", "0"),
        ]
        // Those of more than 1,024 bytes are not kept.
        let repeated: Set = [1, 5, 10]
        let receiver = try MisbehavingReceiver { connection, _ in
            guard let peer = HTTP2Peer(connection) else { return }
            for (status, content, trailer) in answers {
                guard let request = peer.nextRequest() else { return }
                peer.send(
                    HTTP2Frame.headers(request.stream, [(":status", status)]), HTTP2Frame.data(request.stream, Array(content.utf8)),
                    HTTP2Frame.headers(request.stream, [("t", trailer)], isLast: true))
            }
            _ = peer.nextRequest()
        }
        let connection = BlockingHTTP2Connection(
            to: try #require(HTTPURL(receiver.url)), try NGHTTP2.system.get(), tls: nil, proxy: nil, maximumResponseBytes: 1 << 20,
            varyingField: OTLPGRPCTransport.timeout)
        for (number, (status, content, trailer)) in answers.enumerated() {
            let response = try await connection.outcome().get()
            #expect("\(response.status)" == status && String(decoding: response.body, as: UTF8.self) == content)
            #expect(response.trailers["t"] == trailer && response.isRepeated == repeated.contains(number), "answer \(number)")
        }
        #expect(receiver.connections == 1)
        receiver.stop()
    }
}
