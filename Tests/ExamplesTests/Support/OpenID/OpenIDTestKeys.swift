// Keys of providers, made by OpenSSL's command anew in each test.

import ExampleSupport
import Foundation
import Testing

/// An RSA key and a key on P-256 in a folder, which sign tokens.
final class OpenIDTestKeys: Sendable {
    private let folder: TemporaryDirectory
    /// The public keys as members of a key set: the RSA key `<name>-rsa` and the other one `<name>-ec`.
    let members: [JSONValue]

    init(_ name: String) throws {
        folder = try TemporaryDirectory()
        let script = """
            cd "$0"
            openssl genrsa -out rsa.pem 2048
            openssl rsa -in rsa.pem -modulus -noout > modulus
            openssl ecparam -name prime256v1 -genkey -noout -out ec.pem
            openssl ec -in ec.pem -pubout -outform DER | tail -c 64 > point
            """
        try #require(try ShellScript.run("{ \(script)\n } 2> \"$0/log\" < /dev/null", folder: folder.path, []).status == 0)
        let digits = String(decoding: try folder.bytes(of: "modulus"), as: UTF8.self).dropFirst("Modulus=".count).prefix { $0.isHexDigit }
        let modulus = stride(from: 0, to: digits.count, by: 2).map { place in
            UInt8(digits.dropFirst(place).prefix(2), radix: 16) ?? 0
        }
        let point = try folder.bytes(of: "point")
        try #require(modulus.count == 256 && point.count == 64)
        members = [
            [
                "kty": "RSA", "kid": .string("\(name)-rsa"), "use": "sig", "alg": "RS256", "n": .string(Base64URL.encode(modulus)),
                "e": "AQAB",
            ],
            [
                "kty": "EC", "kid": .string("\(name)-ec"), "crv": "P-256", "x": .string(Base64URL.encode(Array(point[..<32]))),
                "y": .string(Base64URL.encode(Array(point[32...]))),
            ],
        ]
    }

    /// Returns a token that says the claims, signed with the key that its algorithm needs.
    func token(_ claims: JSONValue, header: JSONValue) throws -> String {
        let content = Base64URL.encode(Array(header.description.utf8)) + "." + Base64URL.encode(Array(claims.description.utf8))
        let isCurve = header["alg"] == "ES256"
        try folder.write(Array(content.utf8), to: "content")
        let script = "cd \"$0\"; openssl dgst -sha256 -sign \(isCurve ? "ec" : "rsa").pem -out signature content 2> log < /dev/null"
        try #require(try ShellScript.run(script, folder: folder.path, []).status == 0)
        let signature = try folder.bytes(of: "signature")
        return content + "." + Base64URL.encode(isCurve ? try Self.pair(signature) : signature)
    }

    /// Returns the two numbers of a signature, each of 32 bytes. (RFC 7518 §3.4.)
    private static func pair(_ encoded: [UInt8]) throws -> [UInt8] {
        func number(at place: Int) throws -> [UInt8] {
            let count = Int(encoded[place + 1])
            try #require(encoded[place] == 2 && place + 2 + count <= encoded.count)
            let digits = Array(encoded[(place + 2)..<(place + 2 + count)].drop { $0 == 0 })
            return [UInt8](repeating: 0, count: 32 - digits.count) + digits
        }
        return try number(at: 2) + number(at: 4 + Int(encoded[3]))
    }
}
