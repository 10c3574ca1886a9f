// Errors of invalid TLS settings.

import Testing

@testable import Telemetry

struct TLSContextTests {
    private func error(_ options: TLSOptions) -> ConfigurationError? {
        do throws(ConfigurationError) {
            _ = try TLSContext(options)
            return nil
        } catch {
            return error
        }
    }

    @Test func missingLibraryIsNamedWithItsPackage() {
        #expect {
            let missing = DynamicLibrary.Failure(description: "libssl.so.3: cannot open shared object file")
            _ = try TLSContext(TLSOptions(), library: .failure(missing))
        } throws: { error in
            "\(error)".contains("apt install libssl3") && "\(error)".contains("libssl.so.3: cannot open shared object file")
        }
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled)) func unreadableFileIsNamed() {
        let missing = error(TLSOptions(certificateAuthorityFile: "/nowhere/ca.pem"))
        #expect(missing?.setting == "certificateAuthorityFile")
        #expect(missing?.value == "/nowhere/ca.pem")
        #expect(missing?.expected == "a PEM file with certificates (No such file or directory)")
        let key = TestCertificates.file("client.key")
        let certificate = error(TLSOptions(clientCertificateFile: "/nowhere/client.pem", clientKeyFile: key))
        #expect(certificate?.setting == "clientCertificateFile")
        #expect(certificate?.expected.hasSuffix("(No such file or directory)") == true)
        let lost = error(TLSOptions(clientCertificateFile: TestCertificates.file("client.pem"), clientKeyFile: "/nowhere/key"))
        #expect(lost?.setting == "clientKeyFile")
        #expect(lost?.expected.hasSuffix("(No such file or directory)") == true)
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled)) func fileWithoutCertificateIsNamed() {
        let text = TestCertificates.file("text.pem")
        #expect(error(TLSOptions(certificateAuthorityFile: text))?.setting == "certificateAuthorityFile")
        #expect(error(TLSOptions(certificateAuthorityFile: TestCertificates.folder))?.setting == "certificateAuthorityFile")
        let client = TestCertificates.file("client.pem")
        let key = TestCertificates.file("client.key")
        #expect(error(TLSOptions(clientCertificateFile: text, clientKeyFile: key))?.setting == "clientCertificateFile")
        #expect(error(TLSOptions(clientCertificateFile: client, clientKeyFile: text))?.setting == "clientKeyFile")
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled)) func keyMustBelongToCertificate() {
        let client = TestCertificates.file("client.pem")
        let wrong = error(TLSOptions(clientCertificateFile: client, clientKeyFile: TestCertificates.file("server.key")))
        #expect(wrong?.setting == "clientKeyFile")
        #expect(wrong?.expected == "a PEM file with the key that belongs to the certificate in \(client) (key values mismatch)")
        // OpenSSL does not prompt for the password.
        let locked = error(TLSOptions(clientCertificateFile: client, clientKeyFile: TestCertificates.file("encrypted.key")))
        #expect(locked?.expected == "a key that no password protects")
        #expect(error(TLSOptions(clientCertificateFile: client, clientKeyFile: TestCertificates.file("client.key"))) == nil)
    }

    @Test(.enabled(if: OpenSSLCommand.isInstalled)) func certificateRequiresKeyAndKeyRequiresCertificate() {
        #expect(error(TLSOptions(clientCertificateFile: TestCertificates.file("client.pem")))?.setting == "clientKeyFile")
        #expect(error(TLSOptions(clientKeyFile: TestCertificates.file("client.key")))?.setting == "clientCertificateFile")
    }
}
