// Certificates of others, by which their messages are verified.

/// The key in a certificate. Whether the certificate can be trusted is decided by where it comes from.
package final class RSACertificate: Sendable {
    private let library: RSALibrary
    /// The addresses of the certificate and its key, which verifying only reads.
    private let certificate: UInt
    private let key: UInt

    /// Reads a certificate in the form that begins with `-----BEGIN CERTIFICATE-----`; nil for any other text.
    package init?(_ text: [UInt8]) throws(StartFailure) {
        let library = try RSALibrary()
        let read = text.withUnsafeBytes { bytes -> OpaquePointer? in
            guard let start = bytes.baseAddress, let count = Int32(exactly: bytes.count) else { return nil }
            let stream = library.streamOfBytes(start, count)
            defer { _ = library.freeStream(stream) }
            return library.readCertificate(stream, nil, nil, nil)
        }
        guard let read, let key = library.keyOfCertificate(read) else {
            library.freeCertificate(read)
            library.clearErrors()
            return nil
        }
        self.library = library
        certificate = UInt(bitPattern: read)
        self.key = UInt(bitPattern: key)
    }

    deinit {
        library.freeKey(OpaquePointer(bitPattern: key))
        library.freeCertificate(OpaquePointer(bitPattern: certificate))
    }

    /// Whether the time of its validity has begun and not ended.
    package var isValidNow: Bool {
        let certificate = OpaquePointer(bitPattern: certificate)
        return library.compareWithNow(library.start(certificate)) < 0 && library.compareWithNow(library.end(certificate)) > 0
    }

    /// Returns whether the owner of the certificate has signed the message.
    package func verifies(_ signature: [UInt8], of message: [UInt8], _ digest: RSADigest) -> Bool {
        guard !signature.isEmpty, !message.isEmpty else { return false }
        let context = library.makeContext()
        defer { library.freeContext(context) }
        let isRight =
            library.beginVerifying(context, nil, library.digest(digest), nil, OpaquePointer(bitPattern: key)) == 1
            && library.verify(context, signature, signature.count, message, message.count) == 1
        // What a wrong signature leaves behind would be taken for an error of the thread's next call.
        if !isRight { library.clearErrors() }
        return isRight
    }
}
