// The signatures of delivered messages, and the certificate by which endpoints check them.

import ExampleSupport

/// Signs messages with a key that ends with the process: what is not delivered by then is signed anew.
struct DeliverySigner: Sendable {
    static let folder = "/certificates"

    /// The path of the certificate, which has a part of its hash: an endpoint that keeps certificates never takes an old one.
    let path: String
    private let key: RSASigningKey

    init(_ library: LibCrypto) throws(StartFailure) {
        key = try RSASigningKey(name: "sns.stand-in.invalid")
        let hash = AWSRequestSignature.hexadecimal(library.sha256(of: Array(key.certificate.utf8)))
        path = "\(Self.folder)/SimpleNotificationService-\(hash.prefix(32)).pem"
    }

    var certificate: ServiceResponse { .text(key.certificate, contentType: "application/x-pem-file") }

    /// Returns a message with its signature.
    func signed(_ message: SNSMessage, baseURL: String) -> SNSMessage {
        var message = message
        message.certificateURL = baseURL + path
        message.signature = key.signature(of: message.signedText, message.digest ?? .sha1)
        return message
    }
}
