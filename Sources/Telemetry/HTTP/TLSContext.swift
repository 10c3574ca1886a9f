// The configuration of OpenSSL for the connections of a client or a server.

import Synchronization

/// The certificates and settings of TLS connections; any number of connections share one.
///
/// The server must speak TLS 1.2 or newer and have a certificate for the host of the URL.
package final class TLSContext: @unchecked Sendable {
    // Unchecked: the pointer is set once, and OpenSSL allows sessions on any thread from a context that is no longer changed.
    let pointer: OpaquePointer
    let library: OpenSSL
    /// True if a file of authorities replaces those of the system.
    let hasOwnAuthorities: Bool

    /// False if any certificate is taken.
    let verifiesPeer: Bool
    /// What a server needs beside that; nil for clients.
    let server: OpenSSLServerFunctions?

    /// True if the connections speak HTTP/2, false if they speak HTTP/1.1.
    let speaksHTTP2: Bool

    /// Trusts the system's authorities, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR`, and has no certificate of its own.
    static let standard: Result<TLSContext, ConfigurationError> = {
        do throws(ConfigurationError) { return .success(try TLSContext()) } catch { return .failure(error) }
    }()

    /// The same for HTTP/2.
    static let standardHTTP2: Result<TLSContext, ConfigurationError> = {
        var options = TLSOptions()
        options.speaksHTTP2 = true
        do throws(ConfigurationError) { return .success(try TLSContext(options)) } catch { return .failure(error) }
    }()

    /// Opens the system's TLS library and reads the files.
    ///
    /// - Throws: an error that names the library and how to install it, or the file and what is wrong with it.
    package convenience init(_ options: TLSOptions = TLSOptions()) throws(ConfigurationError) {
        try self.init(options, library: OpenSSL.system)
    }

    init(_ options: TLSOptions, library opened: Result<OpenSSL, DynamicLibrary.Failure>) throws(ConfigurationError) {
        switch opened {
        case .success(let opened): library = opened
        case .failure(let failure):
            throw ConfigurationError(
                setting: "https", value: "libssl.so.3",
                expected: "the library of OpenSSL 3 or 1.1.1; on Debian and Ubuntu: apt install libssl3 (\(failure))")
        }
        library.clearErrors()
        guard let made = library.newContext(library.clientMethod()) else {
            let reason = library.takeError()?.description ?? "it gives no reason"
            throw ConfigurationError(setting: "https", value: "libssl", expected: "a library that can be used (\(reason))")
        }
        pointer = made
        server = nil
        speaksHTTP2 = options.speaksHTTP2
        verifiesPeer = options.verifiesPeer
        hasOwnAuthorities = options.certificateAuthorityFile != nil
        prepare(options)
        try trust(options.certificateAuthorityFile)
        switch (options.clientCertificateFile, options.clientKeyFile) {
        case (let certificate?, let key?): try use(certificate: certificate, key: key)
        case (let certificate?, nil):
            throw ConfigurationError(setting: "clientKeyFile", value: "", expected: "the key that belongs to \(certificate)")
        case (nil, let key?):
            throw ConfigurationError(setting: "clientCertificateFile", value: "", expected: "the certificate that belongs to \(key)")
        case (nil, nil):
            // The client has no certificate: the callback only notes that the server has asked for one.
            library.setCertificateCallback(pointer) { session, _, _ in CertificateRequestNote.take(session) }
        }
    }

    /// Opens the system's TLS library for a server, and reads the files.
    ///
    /// - Throws: an error that names the library and how to install it, or the file and what is wrong with it.
    package init(_ options: TLSServerOptions) throws(ConfigurationError) {
        let library: OpenSSL
        let own: OpenSSLServerFunctions
        let opened = Result { () throws(DynamicLibrary.Failure) in (try OpenSSL.system.get(), try OpenSSLServerFunctions.system.get()) }
        switch opened {
        case .success(let functions): (library, own) = functions
        case .failure(let failure):
            throw ConfigurationError(
                setting: "tls", value: "libssl.so.3",
                expected: "the library of OpenSSL 3 or 1.1.1; on Debian and Ubuntu: apt install libssl3 (\(failure))")
        }
        library.clearErrors()
        guard let made = library.newContext(own.method()) else {
            let reason = library.takeError()?.description ?? "it gives no reason"
            throw ConfigurationError(setting: "tls", value: "libssl", expected: "a library that can be used (\(reason))")
        }
        (self.library, server, pointer) = (library, own, made)
        speaksHTTP2 = false
        verifiesPeer = true
        hasOwnAuthorities = options.clientAuthorityFile != nil
        setLimits()
        try use(certificate: options.certificateFile, key: options.keyFile)
        guard let authorities = options.clientAuthorityFile else { return }
        try trust(authorities)
        library.setVerification(pointer, OpenSSL.Constant.verifyPeer | OpenSSL.Constant.refuseMissingCertificate, nil)
        // Sessions of clients with certificates are resumed only within a named context.
        let name = Array("telemetry".utf8)
        _ = server?.setSessionContext(pointer, name, UInt32(name.count))
    }

    deinit {
        library.freeContext(pointer)
    }

    private func prepare(_ options: TLSOptions) {
        setLimits(minimum: options.minimumVersion, maximum: options.maximumVersion)
        library.setVerification(pointer, options.verifiesPeer ? OpenSSL.Constant.verifyPeer : 0, nil)
        guard options.offersProtocol else { return }
        let name = Array((speaksHTTP2 ? HTTP2Session.protocolName : "http/1.1").utf8)
        let protocols = [UInt8(name.count)] + name
        _ = library.setProtocols(pointer, protocols, UInt32(protocols.count))
    }

    private func setLimits(minimum: TLSOptions.Version? = nil, maximum: TLSOptions.Version? = nil) {
        // The system's configuration may require a newer version: it is never lowered.
        let least = library.controlContext(pointer, OpenSSL.Constant.getMinimumVersion, 0, nil)
        let wanted = minimum?.rawValue ?? OpenSSL.Constant.version12
        if least < wanted { _ = library.controlContext(pointer, OpenSSL.Constant.setMinimumVersion, wanted, nil) }
        if let most = maximum {
            _ = library.controlContext(pointer, OpenSSL.Constant.setMaximumVersion, most.rawValue, nil)
        }
        // An idle connection releases its 34 KB of buffers.
        _ = library.controlContext(pointer, OpenSSL.Constant.setMode, OpenSSL.Constant.releaseBuffers, nil)
        _ = library.setOptions(pointer, OpenSSL.Constant.withoutRenegotiation)
    }

    private func trust(_ file: String?) throws(ConfigurationError) {
        guard let file else {
            // A missing store is reported when a certificate is verified.
            _ = library.useSystemAuthorities(pointer)
            library.clearErrors()
            return
        }
        library.clearErrors()
        guard library.loadAuthorities(pointer, file, nil) == 1 else {
            throw unusable("certificateAuthorityFile", file, "a PEM file with certificates")
        }
        // Certificates of the file are trusted even if they are not self-signed, as in Go.
        _ = library.setParameterFlags(library.contextParameters(pointer), OpenSSL.Constant.partialChain)
    }

    private func use(certificate: String, key: String) throws(ConfigurationError) {
        library.clearErrors()
        guard library.useCertificateChainFile(pointer, certificate) == 1 else {
            throw unusable(server == nil ? "clientCertificateFile" : "certificate", certificate, "a PEM file with a certificate")
        }
        // Without a callback OpenSSL would ask at the terminal for the password of a key.
        var isPasswordNeeded = false
        let status = withUnsafeMutablePointer(to: &isPasswordNeeded) { isNeeded in
            library.setPasswordArgument(pointer, isNeeded)
            library.setPasswordCallback(pointer) { _, _, _, argument in
                argument?.storeBytes(of: true, as: Bool.self)
                return -1
            }
            defer { library.setPasswordArgument(pointer, nil) }
            return library.useKeyFile(pointer, key, OpenSSL.Constant.pemFile)
        }
        guard !isPasswordNeeded else {
            throw ConfigurationError(
                setting: server == nil ? "clientKeyFile" : "key", value: key, expected: "a key that no password protects")
        }
        guard status == 1, library.checkKey(pointer) == 1 else {
            throw unusable(
                server == nil ? "clientKeyFile" : "key", key, "a PEM file with the key that belongs to the certificate in \(certificate)")
        }
    }

    private func unusable(_ setting: String, _ file: String, _ expected: String) -> ConfigurationError {
        let reason = library.takeError()?.description
        return ConfigurationError(setting: setting, value: file, expected: expected + (reason.map { " (\($0))" } ?? ""))
    }
}

/// Notes that a server has asked for a certificate that the client does not have; one for each session.
final class CertificateRequestNote {
    private(set) var isUnanswered = false

    /// The callback of OpenSSL; finds the note in the extra data of the session, and returns 0: there is no certificate to send.
    static func take(_ session: OpaquePointer?) -> Int32 {
        guard case .success(let library) = OpenSSL.system, let note = library.extraData(session, 0) else { return 0 }
        Unmanaged<CertificateRequestNote>.fromOpaque(note).takeUnretainedValue().isUnanswered = true
        return 0
    }
}
