// Reads what files say of the requests that the console sends: their authorization, and the TLS of their connections.

import ExampleSupport
import Telemetry

extension YAMLFileReader {
    /// Returns what `basic_auth` or `authorization` of a mapping say; nil if it has neither.
    mutating func authorization(_ owner: Fields) -> ClientAuthorization? {
        var found: ClientAuthorization?
        if let node = owner["basic_auth"],
            let pair = fields(node, "\(owner.subject): basic_auth", ["username", "username_file", "password", "password_file"])
        {
            found = .basic(user: secret(pair, "username") ?? .text(""), password: secret(pair, "password") ?? .text(""))
        }
        if let node = owner["authorization"],
            let pair = fields(node, "\(owner.subject): authorization", ["type", "credentials", "credentials_file"])
        {
            if found != nil { report("\(owner.subject): basic_auth and authorization exclude each other", node.line) }
            let type = text(pair, "type") ?? "Bearer"
            if type.lowercased() == "basic" || !HTTPGrammar.isToken(type.utf8) {
                let advice = type.lowercased() == "basic" ? "basic_auth has user and password" : "it must be one word, such as Bearer"
                report("\(pair.subject): type is \"\(type.prefix(80))\"; \(advice)", pair["type"]?.line ?? node.line)
            }
            found = .credentials(type: type, secret(pair, "credentials") ?? .text(""))
        }
        return found
    }

    private mutating func secret(_ owner: Fields, _ key: String) -> TextSource? {
        let (inline, file) = (text(owner, key), text(owner, "\(key)_file"))
        if inline != nil, file != nil {
            report("\(owner.subject): \(key) and \(key)_file exclude each other", owner["\(key)_file"]?.line ?? owner.node.line)
        }
        if let inline, inline.contains(where: \.isNewline) {
            report("\(owner.subject): \(key) has more than one line; it must have one", owner[key]?.line ?? owner.node.line)
        }
        return file.map { .file($0) } ?? inline.map { .text($0) }
    }

    /// Returns what a mapping `tls_config` says, with the defaults if there is none.
    ///
    /// - Parameter offersProtocol: false for what is not HTTP.
    mutating func clientTLS(_ node: YAMLNode?, _ subject: String, offersProtocol: Bool = true) -> ClientTLS {
        var tls = ClientTLS()
        tls.options.offersProtocol = offersProtocol
        let known = ["insecure_skip_verify", "ca_file", "cert_file", "key_file", "server_name", "min_version", "max_version"]
        let inline = "the console reads it from a file"
        let unsupported = [
            "ca": inline, "cert": inline, "key": inline, "ca_ref": inline, "cert_ref": inline, "key_ref": inline,
        ]
        let owner = node.flatMap { fields($0, "\(subject): tls_config", known, unsupported: unsupported) }
        if let owner {
            tls.options.verifiesPeer = !truth(owner, "insecure_skip_verify", default: false)
            tls.options.certificateAuthorityFile = text(owner, "ca_file")
            tls.options.clientCertificateFile = text(owner, "cert_file")
            tls.options.clientKeyFile = text(owner, "key_file")
            tls.serverName = text(owner, "server_name")
            tls.options.minimumVersion = version(owner, "min_version")
            tls.options.maximumVersion = version(owner, "max_version")
        }
        do throws(ConfigurationError) { tls.context = try ClientTLS.context(tls.options) } catch {
            tls.problem = "\(error)"
            // Without the library only what needs TLS fails; files that cannot be used are errors of the file that names them.
            let names = ["certificateAuthorityFile": "ca_file", "clientCertificateFile": "cert_file", "clientKeyFile": "key_file"]
            if let name = names[error.setting] {
                let value = error.value.isEmpty ? "missing" : "\"\(error.value.prefix(200))\""
                report(
                    "\(subject): tls_config: \(name) is \(value); it must be \(error.expected)", owner?[name]?.line ?? node?.line ?? 0)
            } else if error.setting != "https" {
                report("\(subject): tls_config: \(error)", node?.line ?? 0)
            }
        }
        return tls
    }

    private mutating func version(_ owner: Fields, _ key: String) -> TLSOptions.Version? {
        switch text(owner, key) {
        case nil: return nil
        case "TLS12": return .tls12
        case "TLS13": return .tls13
        case let other?:
            let reason = ["TLS10", "TLS11"].contains(other) ? "; OpenSSL has put older versions out of use" : ""
            report(
                "\(owner.subject): \(key) is \"\(other.prefix(80))\"; it must be TLS12 or TLS13\(reason)",
                owner[key]?.line ?? owner.node.line)
            return nil
        }
    }
}
