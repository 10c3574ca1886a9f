// Public keys of others, as JSON, by which their tokens are verified. (RFC 7517; RFC 7518.)

/// An RSA key for RS256, or a key on the curve P-256 for ES256.
package final class WebKey: Sendable {
    package enum Algorithm: String, Sendable {
        case rs256 = "RS256"
        case es256 = "ES256"
    }

    package let identifier: String?
    /// The only algorithm that signatures of the key are verified with.
    package let algorithm: Algorithm
    private let library: RSALibrary
    /// The address of the key, which verifying only reads.
    private let key: UInt

    /// Reads a member of a key set; nil for keys of other kinds, for those that encrypt, and for RSA keys of fewer than 2048 bits.
    package init?(_ member: JSONValue) throws(StartFailure) {
        guard member["use"] == nil || member["use"] == "sig", let (algorithm, bytes) = Self.encoded(member),
            member["alg"] == nil || member["alg"]?.stringValue == algorithm.rawValue
        else { return nil }
        let library = try RSALibrary()
        let made = bytes.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            guard let start = bytes.baseAddress else { return nil }
            var place: UnsafePointer<UInt8>? = start
            return library.readKey(nil, &place, bytes.count)
        }
        guard let made else {
            library.clearErrors()
            return nil
        }
        identifier = member["kid"]?.stringValue
        self.algorithm = algorithm
        self.library = library
        key = UInt(bitPattern: made)
    }

    deinit { library.freeKey(OpaquePointer(bitPattern: key)) }

    /// Returns whether the owner of the key has signed the message.
    package func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard !message.isEmpty, let signature = algorithm == .es256 ? Self.encodedPair(signature) : signature, !signature.isEmpty else {
            return false
        }
        let context = library.makeContext()
        defer { library.freeContext(context) }
        let isRight =
            library.beginVerifying(context, nil, library.digest(.sha256), nil, OpaquePointer(bitPattern: key)) == 1
            && library.verify(context, signature, signature.count, message, message.count) == 1
        // What a wrong signature leaves behind would be taken for an error of the thread's next call.
        if !isRight { library.clearErrors() }
        return isRight
    }

    // MARK: Encoding

    /// Returns the key as OpenSSL reads it, a `SubjectPublicKeyInfo`. (RFC 5280 §4.1; RFC 8017 §A.1; RFC 5480.)
    private static func encoded(_ member: JSONValue) -> (Algorithm, [UInt8])? {
        func bytes(_ name: String) -> [UInt8]? { member[name]?.stringValue.flatMap { Base64URL.decode($0[...]) } }
        switch member["kty"]?.stringValue {
        case "RSA":
            guard let modulus = bytes("n"), let exponent = bytes("e"), (1...8).contains(exponent.count),
                (256...1024).contains(modulus.count)
            else { return nil }
            let numbers = element(0x30, number(modulus) + number(exponent))
            let kind: [UInt8] = [0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00]
            return (.rs256, element(0x30, kind + element(0x03, [0] + numbers)))
        case "EC":
            guard member["crv"] == "P-256", let x = bytes("x"), let y = bytes("y"), x.count == 32, y.count == 32 else { return nil }
            let kind: [UInt8] = [
                0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01,
                0x07,
            ]
            return (.es256, element(0x30, kind + element(0x03, [0, 4] + x + y)))
        default: return nil
        }
    }

    /// Returns the two numbers of a signature as OpenSSL reads them; nil if there are not 64 bytes. (RFC 7518 §3.4; RFC 3279 §2.2.3.)
    private static func encodedPair(_ signature: [UInt8]) -> [UInt8]? {
        guard signature.count == 64 else { return nil }
        return element(0x30, number(Array(signature[..<32])) + number(Array(signature[32...])))
    }

    /// Returns a number that is not negative. (X.690 §8.3.)
    private static func number(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array(bytes.drop { $0 == 0 })
        return element(0x02, digits.first.map { $0 < 0x80 } == true ? digits : [0] + digits)
    }

    private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        let length: [UInt8] =
            count < 0x80
            ? [UInt8(count)] : count < 0x100 ? [0x81, UInt8(count)] : [0x82, UInt8(count >> 8), UInt8(truncatingIfNeeded: count)]
        return [tag] + length + content
    }
}
