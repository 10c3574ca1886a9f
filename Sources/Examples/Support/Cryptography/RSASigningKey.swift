// Keys that sign messages, each with a certificate by which others verify them.

/// A new RSA key of 2048 bits with a certificate that it has signed itself. (RFC 8017, section 8.2; RFC 5280.)
package final class RSASigningKey: Sendable {
    /// The certificate as text, which begins with `-----BEGIN CERTIFICATE-----`. (RFC 7468.)
    package let certificate: String
    private let library: RSALibrary
    /// The address of the key. OpenSSL counts its users, and signing only reads it.
    private let key: UInt

    /// - Parameter name: the common name in the certificate.
    package init(name: String, validFor days: Int = 3650) throws(StartFailure) {
        let library = try RSALibrary()
        guard let key = Self.newKey(library) else { throw StartFailure(.unavailable, "OpenSSL makes no RSA key.") }
        guard let certificate = Self.certificate(of: key, name, days, library) else {
            library.freeKey(key)
            throw StartFailure(.unavailable, "OpenSSL makes no certificate.")
        }
        self.library = library
        self.key = UInt(bitPattern: key)
        self.certificate = certificate
    }

    deinit { library.freeKey(OpaquePointer(bitPattern: key)) }

    /// Returns the signature of a message.
    package func signature(of message: [UInt8], _ digest: RSADigest) -> [UInt8] {
        let context = library.makeContext()
        defer { library.freeContext(context) }
        var length = 512
        let signature = [UInt8](unsafeUninitializedCapacity: length) { bytes, count in
            let isDone =
                library.beginSigning(context, nil, library.digest(digest), nil, OpaquePointer(bitPattern: key)) == 1
                && message.withUnsafeBufferPointer { message in
                    // An empty array has no address, which OpenSSL must be given.
                    withUnsafePointer(to: 0 as UInt8) {
                        library.sign(context, bytes.baseAddress, &length, message.baseAddress ?? $0, message.count) == 1
                    }
                }
            precondition(isDone, "OpenSSL signs every message.")
            count = length
        }
        return signature
    }

    private static func newKey(_ library: RSALibrary) -> OpaquePointer? {
        let rsa: Int32 = 6  // EVP_PKEY_RSA
        let context = library.makeKeyContext(rsa, nil)
        defer { library.freeKeyContext(context) }
        var key: OpaquePointer?
        guard context != nil, library.beginKey(context) == 1, library.setOption(context, "rsa_keygen_bits", "2048") == 1,
            library.makeKey(context, &key) == 1
        else { return nil }
        return key
    }

    private static func certificate(of key: OpaquePointer, _ name: String, _ days: Int, _ library: RSALibrary) -> String? {
        let certificate = library.makeCertificate()
        defer { library.freeCertificate(certificate) }
        let latin: Int32 = 0x1001  // MBSTRING_ASC
        let subject = library.subject(certificate)
        let name = Array(name.utf8)
        // A clock that is a little behind must not find the certificate not valid yet.
        guard library.setVersion(certificate, 2) == 1,
            library.setInteger(library.serialNumber(certificate), Int.random(in: 1...1 << 62)) == 1,
            library.setTime(library.start(certificate), -3600) != nil, library.setTime(library.end(certificate), days * 86_400) != nil,
            library.setKey(certificate, key) == 1, library.addEntry(subject, "CN", latin, name, Int32(name.count), -1, 0) == 1,
            library.setIssuer(certificate, subject) == 1, library.signCertificate(certificate, key, library.sha256()) > 0
        else { return nil }
        let stream = library.makeStream(library.memoryMethod())
        defer { _ = library.freeStream(stream) }
        guard stream != nil, library.writeCertificate(stream, certificate) == 1 else { return nil }
        var text = [UInt8](repeating: 0, count: 16 << 10)
        let count = library.readStream(stream, &text, Int32(text.count))
        return count > 0 ? String(decoding: text[..<Int(count)], as: UTF8.self) : nil
    }
}
