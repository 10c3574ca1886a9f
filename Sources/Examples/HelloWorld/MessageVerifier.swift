// Checks that messages come from the notification service.

import ExampleSupport
import Synchronization
import Telemetry

/// Verifies signatures with the certificates that messages name, which are kept.
final class MessageVerifier: Sendable {
    enum Problem: Error {
        case wrong(String)
        /// The certificate cannot be had at present.
        case unavailable(String)
    }

    private static let maximumCertificates = 16

    private let hosts: TrustedHosts
    private let client: TracedClient
    private let certificates = Mutex<[String: RSACertificate]>([:])

    init(_ hosts: TrustedHosts, _ client: TracedClient) {
        self.hosts = hosts
        self.client = client
    }

    func check(_ message: SNSMessage) async throws(Problem) {
        guard let digest = message.digest else { throw .wrong("SignatureVersion is neither 1 nor 2") }
        guard !message.signature.isEmpty else { throw .wrong("Signature is missing, or is no Base64") }
        let certificate = try await certificate(message.certificateURL)
        guard certificate.isValidNow else { throw .wrong("the certificate is not valid now") }
        guard certificate.verifies(message.signature, of: message.signedText, digest) else { throw .wrong("the signature is wrong") }
    }

    private func certificate(_ text: String) async throws(Problem) -> RSACertificate {
        // The host is checked before anything is asked of it.
        guard let url = hosts.url(text), url.target.hasSuffix(".pem") else {
            throw .wrong("SigningCertURL is no certificate of the notification service")
        }
        let key = url.description
        if let known = certificates.withLock({ $0[key] }) { return known }
        let answer: ServiceResponse
        do { answer = try await client.send("GET", key, headers: ["Accept": "application/x-pem-file"]) } catch {
            throw .unavailable("the certificate cannot be fetched: \(error)")
        }
        guard answer.status == 200 else { throw .unavailable("the certificate cannot be fetched: status \(answer.status)") }
        let certificate: RSACertificate?
        do throws(StartFailure) { certificate = try RSACertificate(answer.body) } catch { throw .unavailable("\(error)") }
        guard let certificate else { throw .unavailable("the answer for the certificate is none") }
        certificates.withLock { certificates in
            if certificates.count >= Self.maximumCertificates { certificates = [:] }
            certificates[key] = certificate
        }
        return certificate
    }
}
