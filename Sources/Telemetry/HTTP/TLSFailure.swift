// Error messages for failed handshakes and certificates.

/// Why a TLS connection failed, with a description that names the remedy.
struct TLSFailure: Error, Hashable, CustomStringConvertible {
    let description: String
    /// True if a retry may succeed; false if a certificate, a setting or the server must be changed first.
    private(set) var isTransient = false

    /// The number of `SSL_R_CERTIFICATE_VERIFY_FAILED`.
    static let verificationFailed = 134

    /// The server's certificate was refused: the number and text of the verification's result. (OpenSSL: X509_STORE_CTX_get_error.)
    init(verification result: Int, _ text: String, host: String, hasOwnAuthorities: Bool) {
        let store =
            hasOwnAuthorities
            ? "the given file of authorities"
            : "the system's authorities; install them (apt install ca-certificates) or give a file with the authority's certificate"
        switch result {
        case 9: description = "the server's certificate is not valid yet; is the clock of this machine right?"
        case 10: description = "the server's certificate has expired; it has to be renewed"
        case 18: description = "the server's certificate is self-signed and not among \(store)"
        case 19: description = "the server's certificate comes from a private authority that is not among \(store)"
        case 2, 20, 21: description = "the server's certificate comes from an authority that is not among \(store)"
        case 62, 64: description = "the server's certificate is not for \(host); give the URL a name that the certificate holds"
        default: description = "the server's certificate is refused: \(text)"
        }
    }

    /// The handshake with a client failed, or its certificate was refused.
    init(ofClient text: String) {
        description = "TLS with the client failed: \(text)"
    }

    /// The handshake or the connection failed otherwise: the number and text of OpenSSL's reason, in which 1000 and a number stand
    /// for an alert that the server has sent. (RFC 8446 §6.2.)
    init(reason: Int?, _ text: String, isCertificateMissing: Bool, speaksTLS: Bool, offersHTTP2: Bool = false) {
        switch reason {
        case _ where !speaksTLS:
            description = "the server speaks no TLS; if it is meant to be reached without, the URL should begin with http (\(text))"
        case 1116?: description = "the server demands a client certificate; give it one, with its key"
        case (1040...1046)?, 1048?, 1049?, 1051?:
            if isCertificateMissing {
                description = "the server demands a client certificate; give it one, with its key (\(text))"
            } else if reason == 1040 {
                description = "the server accepts none of our ciphers and protocols, or not the client certificate (\(text))"
            } else {
                description = "the server does not accept the client certificate (\(text))"
            }
        case 258?, 267?, 396?, 1070?: description = "the server speaks no TLS 1.2 or newer (\(text))"
        case 1112?: description = "the server knows no host of that name (\(text))"
        case 1120? where offersHTTP2:
            description = "the server speaks no HTTP/2; is this a gRPC port? OTLP over gRPC is usually on port 4317 (\(text))"
        case 1120?:
            description =
                "the server speaks no HTTP/1.1; is this a gRPC port? The protocol grpc sends there, and OTLP over HTTP is usually on port 4318"
                + " (\(text))"
        default:
            description = "TLS failed: \(text)"
            isTransient = true
        }
    }
}
