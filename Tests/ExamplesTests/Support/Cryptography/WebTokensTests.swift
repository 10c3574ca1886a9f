// Tokens: known ones of other implementations, and forged ones. (TWT-01.)

import Telemetry
import Testing

@testable import ExampleSupport

struct WebTokensTests {
    private static let secret = "0123456789abcdef0123456789abcdef"
    /// Of PyJWT: identifier 7, issued at 1,000,000,000, for thirty days.
    private static let known =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpZCI6NywiaWF0IjoxMDAwMDAwMDAwLCJleHAiOjEwMDI1OTIwMDB9."
        + "ErYCdfrVEHU6Fh50cxj7wFjVXM4wPLHfTth6ndcdT38"
    private static let knownWithHS512 =
        "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJpZCI6NywiaWF0IjoxMDAwMDAwMDAwLCJleHAiOjEwMDI1OTIwMDB9."
        + "ju779zzkmX2qr1byldhOE5AO90oalZxaqKHNaVblKIP5fAyAbphtQVL-vhM6K9cG-N5JxTQzmg6HqA6r1qH8gg"

    private let library: LibCrypto
    private let clock = ManualClock()
    private let tokens: WebTokens

    init() throws {
        library = try LibCrypto()
        tokens = WebTokens(secret: Array(Self.secret.utf8), library, clock: .manual(clock))
    }

    private func problem(_ token: String) -> WebTokens.Problem? {
        do throws(WebTokens.Problem) {
            _ = try tokens.claims(of: token)
            return nil
        } catch { return error }
    }

    /// Returns a token with these parts, signed with the secret.
    private func signed(_ header: String, _ content: String) -> String {
        let text = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(content.utf8))
        return text + "." + Base64URL.encode(library.authenticationCode(of: Array(text.utf8), key: Array(Self.secret.utf8)))
    }

    @Test func codeIsThatOfRFC7515AppendixA1() throws {
        let key = try #require(
            Base64URL.decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"))
        let content =
            "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
            + "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        let signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        #expect(Base64URL.encode(library.authenticationCode(of: Array(content.utf8), key: key)) == signature)
        // Its signature is right: what is wrong with it is that it names no user, and from 2011 on its age.
        let tokens = WebTokens(secret: key, library, clock: .manual(clock))
        #expect(throws: WebTokens.Problem.invalid) { try tokens.claims(of: content + "." + signature) }
        clock.advance(by: .seconds(300_819_380))
        #expect(throws: WebTokens.Problem.expired) { try tokens.claims(of: content + "." + signature) }
    }

    @Test func tokenOfAnotherImplementationIsReadAndWrittenAlike() throws {
        let claims = try tokens.claims(of: Self.known)
        #expect(claims.json.description == #"{"id":7,"iat":1000000000,"exp":1002592000}"#)
        #expect(tokens.token(for: 7) == Self.known)
    }

    @Test func tokenEndsAfterThirtyDays() throws {
        clock.advance(by: .seconds(30 * 86_400 - 1))
        #expect(problem(Self.known) == nil)
        clock.advance(by: .seconds(1))
        #expect(problem(Self.known) == .expired && WebTokens.Problem.expired.rawValue == "jwt expired")
    }

    @Test func tokenWithoutThreePartsIsMalformed() {
        for token in ["", "abc", "a.b", "a.b.c.d", Self.known + ".", "...."] { #expect(problem(token) == .malformed, "\(token)") }
        #expect(WebTokens.Problem.malformed.rawValue == "jwt malformed")
    }

    @Test func partsThatAreNoJSONObjectsAreInvalid() {
        let parts = Self.known.split(separator: ".").map(String.init)
        for token in [
            "..", "!.?.$", "Bearer \(Self.known)", "\(Self.known) ", "é.\(parts[1]).\(parts[2])", "\(parts[0])=.\(parts[1]).\(parts[2])",
            "e30x.\(parts[1]).\(parts[2])", "\(parts[0]).e.\(parts[2])", signed("[]", "{}"), signed("{", "{}"), signed(#""HS256""#, "{}"),
            signed(#"{"alg":"HS256"}"#, "[]"), signed(#"{"alg":"HS256"}"#, "{\"id\":7"),
            signed(#"{"alg":"HS256"}"#, String(repeating: "[", count: 10_000)),
        ] { #expect(problem(token) == .invalid, "\(token.prefix(200))") }
    }

    @Test func tokenOfNoOrAnotherAlgorithmIsRefused() {
        let parts = Self.known.split(separator: ".").map(String.init)
        let none = Base64URL.encode(Array(#"{"alg":"none","typ":"JWT"}"#.utf8))
        #expect(problem("\(none).\(parts[1]).") == .unsigned)
        #expect(problem("\(none).\(parts[1]).\(parts[2])") == .algorithm)
        #expect(problem("\(parts[0]).\(parts[1]).") == .unsigned)
        #expect(problem(Self.knownWithHS512) == .algorithm)
        for header in [#"{"alg":"None"}"#, #"{"alg":"hs256"}"#, #"{"alg":["HS256"]}"#, #"{"alg":null}"#, "{}", #"{"alg":"RS256"}"#] {
            #expect(problem(signed(header, #"{"id":7,"iat":1000000000,"exp":1002592000}"#)) == .algorithm, "\(header)")
        }
        #expect(problem(signed(#"{"alg":"HS256","crit":["b64"],"b64":false}"#, #"{"id":7,"iat":1,"exp":1002592000}"#)) == .invalid)
    }

    @Test func changedTokenHasInvalidSignature() {
        let parts = Self.known.split(separator: ".").map(String.init)
        let other = Base64URL.encode(Array(#"{"id":8,"iat":1000000000,"exp":1002592000}"#.utf8))
        for token in [
            "\(parts[0]).\(other).\(parts[2])", "\(parts[0]).\(parts[1]).AAAA", "\(parts[0]).\(parts[1]).\(parts[2])AAAA",
            WebTokens(secret: Array("another secret of thirty-two bytes".utf8), library, clock: .manual(clock)).token(for: 7),
            WebTokens(secret: Array((Self.secret + "\n").utf8), library, clock: .manual(clock)).token(for: 7),
        ] { #expect(problem(token) == .signature, "\(token)") }
    }

    @Test(
        arguments: [
            (#"{"id":7,"iat":1000000060,"exp":1002592000}"#, nil), (#"{"id":7,"iat":1000000061,"exp":1002592000}"#, .notActive),
            (#"{"id":7,"iat":1,"nbf":1000000100,"exp":1002592000}"#, .notActive),
            (#"{"id":7,"iat":1,"nbf":"1","exp":1002592000}"#, .invalid),
            (#"{"id":7,"iat":1000000000}"#, .invalid), (#"{"id":7,"exp":1002592000}"#, .invalid),
            (#"{"iat":1000000000,"exp":1002592000}"#, .invalid), (#"{"id":"7","iat":1,"exp":1002592000}"#, .invalid),
            (#"{"id":7,"iat":1,"exp":"1002592000"}"#, .invalid), (#"{"id":7,"iat":1,"exp":1e300}"#, .invalid),
            (#"{"id":7,"iat":1,"exp":-9223372036854775808}"#, .expired), (#"{"id":7,"iat":1,"exp":1000000000}"#, .expired),
        ] as [(String, WebTokens.Problem?)])
    func claimsAreChecked(content: String, expected: WebTokens.Problem?) {
        #expect(problem(signed(#"{"alg":"HS256"}"#, content)) == expected)
    }

    // RFC 4648, section 10, without the padding.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"), ("foobar", "Zm9vYmFy"),
    ])
    func base64URLHasKnownText(text: String, encoded: String) {
        #expect(Base64URL.encode(Array(text.utf8)) == encoded)
        #expect(Base64URL.decode(encoded[...]) == Array(text.utf8))
    }

    @Test func base64URLRefusesWhatNoEncoderWrites() {
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8" && Base64URL.decode("-_8") == [0xFB, 0xFF])
        for text in ["Z", "Zh", "Zm9", "Zg==", "+/8", "Zm 9v", "Zm9vZ", "é"] { #expect(Base64URL.decode(text[...]) == nil, "\(text)") }
    }
}
