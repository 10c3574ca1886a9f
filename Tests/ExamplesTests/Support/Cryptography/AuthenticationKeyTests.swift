// Keys that sign many messages. (TWT-01.)

import Testing

@testable import ExampleSupport

struct AuthenticationKeyTests {
    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    // RFC 4231, sections 4.2, 4.3 and 4.7.
    @Test(
        arguments: [
            ([UInt8](repeating: 0x0B, count: 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (Array("Jefe".utf8), "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (
                [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
        ])
    func codesAreThoseOfRFC4231(key: [UInt8], message: String, expected: String) throws {
        let key = try LibCrypto().authenticationKey(key)
        // Again and again: the state of one message is none of the next.
        for _ in 0..<3 { #expect(Self.hexadecimal(key.code(of: Array(message.utf8))) == expected) }
    }

    @Test func messagesOfManyThreadsDoNotMix() async throws {
        let library = try LibCrypto()
        let secret = Array("0123456789abcdef0123456789abcdef".utf8)
        let key = library.authenticationKey(secret)
        let wrong = await withTaskGroup(of: Int.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    (0..<200).count { number in
                        let message = [UInt8](repeating: UInt8(worker), count: number)
                        return key.code(of: message) != library.authenticationCode(of: message, key: secret)
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }
}
