// Signatures with RSA keys, and the certificates that verify them.

import Testing

@testable import ExampleSupport

struct RSASignatureTests {
    @Test func ownCertificateVerifiesAndNothingElse() throws {
        let (key, other) = (try RSASigningKey(name: "sns.test"), try RSASigningKey(name: "sns.test"))
        let certificate = try #require(try RSACertificate(Array(key.certificate.utf8)))
        let stranger = try #require(try RSACertificate(Array(other.certificate.utf8)))
        #expect(key.certificate.hasPrefix("-----BEGIN CERTIFICATE-----\n") && certificate.isValidNow)
        let message = Array("Message\nHello\n".utf8)
        for digest in [RSADigest.sha1, .sha256] {
            let signature = key.signature(of: message, digest)
            #expect(signature.count == 256 && certificate.verifies(signature, of: message, digest))
            #expect(!stranger.verifies(signature, of: message, digest))
            #expect(!certificate.verifies(signature, of: message, digest == .sha1 ? .sha256 : .sha1))
            #expect(!certificate.verifies(signature, of: message + [0x0A], digest))
            for place in [0, 100, 255] {
                var changed = signature
                changed[place] ^= 1
                #expect(!certificate.verifies(changed, of: message, digest))
            }
            #expect(!certificate.verifies([], of: message, digest) && !certificate.verifies([1, 2, 3], of: message, digest))
        }
    }

    @Test func certificateOutsideOfItsTimeIsNotValid() throws {
        let key = try RSASigningKey(name: "sns.test", validFor: -1)
        #expect(try #require(try RSACertificate(Array(key.certificate.utf8))).isValidNow == false)
    }

    @Test(arguments: ["", "nonsense", "-----BEGIN CERTIFICATE-----\nTm8=\n-----END CERTIFICATE-----\n"])
    func otherTextsAreNoCertificates(text: String) throws {
        #expect(try RSACertificate(Array(text.utf8)) == nil)
    }
}
