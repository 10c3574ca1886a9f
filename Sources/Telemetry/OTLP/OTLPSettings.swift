// The settings of OTLP exporters, resolved from code, environment and defaults.

/// The settings of one OTLP exporter: code overrides the environment, and a signal's own variable that of all signals.
///
/// (Specification: OTLP exporter, "Configuration Options".)
struct OTLPSettings: Sendable {
    /// A setting that cannot be used. One from the environment is reported, and nothing is exported.
    struct Problem: Error, Equatable {
        let error: ConfigurationError
        let isFromEnvironment: Bool
        /// True for a variable that counts for all signals, as `OTEL_EXPORTER_OTLP_ENDPOINT`.
        var isOfAllSignals: Bool {
            isFromEnvironment && !OTLPSignal.all.contains { error.setting.contains("EXPORTER_OTLP_\($0.variablePart)_") }
        }
    }

    let signal: OTLPSignal
    let url: HTTPURL
    let headers: [(name: String, value: String)]
    let timeout: Duration
    let encoding: OTLPEncoding
    let compression: OTLPCompression
    let tls: TLSContext?
    /// The library that gRPC needs; nil for OTLP over HTTP.
    let http2: NGHTTP2?
    let proxy: HTTPProxy?
    let retry: RetryPolicy
    let options: OTLPOptions

    /// - Parameters:
    ///   - listed: the endpoint, if it is one of a list in a variable.
    ///   - library: the library for gRPC, opened only for it: in memory it takes 16 KiB of a process.
    init(
        _ signal: OTLPSignal, _ arguments: OTLPOptions, _ environment: EnvironmentReader, listed: OTLPListedEndpoint? = nil,
        library: @autoclosure () -> Result<NGHTTP2, DynamicLibrary.Failure> = NGHTTP2.system
    ) throws(Problem) {
        if let problem = arguments.problem { throw Problem(error: problem, isFromEnvironment: false) }
        let variables = Variables(signal: signal, environment: environment, listed: listed)
        encoding = arguments.encoding ?? variables.encoding
        http2 = encoding == .grpc ? try Self.http2(arguments, variables, library()) : nil
        let endpoint = encoding == .grpc ? try Self.target(arguments, variables) : try Self.endpoint(signal, arguments, variables)
        url = endpoint.url
        timeout = try Self.timeout(arguments, variables)
        headers = try Self.headers(arguments, variables)
        compression = try Self.compression(arguments, variables)
        tls = url.isSecure ? try Self.tls(arguments.certificates, endpoint.source, variables, speaksHTTP2: encoding == .grpc) : nil
        proxy = HTTPProxy(for: url, environment: environment)
        retry = arguments.retry
        options = arguments
        self.signal = signal
        if let product = options.userAgentProduct, product.isEmpty || !HTTPGrammar.isFieldValue(product.utf8) {
            throw .inCode("userAgentProduct", product, "a name and a version as MyDistribution/1.2.3")
        }
    }

    /// Returns the URL. The signal's path is appended to a general endpoint; the signal's own endpoint is used as it is.
    private static func endpoint(
        _ signal: OTLPSignal, _ arguments: OTLPOptions, _ variables: Variables
    ) throws(Problem) -> (url: HTTPURL, source: String?) {
        let expected = "a URL as http://collector:4318 or https://collector:4318, or unix:/path/of/a/socket"
        if let endpoint = arguments.endpoint {
            guard let url = HTTPURL(endpoint) else {
                throw .inCode("endpoint", HTTPURL.withoutUserInformation(endpoint), expected)
            }
            guard let path = arguments.path else { return (signalURL(url, signal, "endpoint"), nil) }
            return (path.isEmpty ? url : url.appending(path: path.first == "/" ? String(path.dropFirst()) : path), nil)
        }
        guard let (name, text) = variables.text("ENDPOINT") else {
            guard let local = HTTPURL("http://localhost:4318") else { preconditionFailure("The default is a URL.") }
            return (local.appending(path: signal.path), nil)
        }
        guard let url = HTTPURL(text) else { throw variables.unusable(name, text, expected) }
        guard variables.isOwn(name) else { return (signalURL(url, signal, name), name) }
        if url.target == "/", !text.hasSuffix("/") {
            Diagnostics.report(
                .warning, topic: "environment.\(name)",
                "\(name): \(signal.items) are sent to \(url), since a signal's own endpoint is used as it is given;"
                    + " did you mean \(url.appending(path: signal.path))?")
        }
        return (url, name)
    }

    /// Returns the library for gRPC. Without it nothing is sent: a receiver of gRPC takes no other protocol on its port.
    private static func http2(
        _ arguments: OTLPOptions, _ variables: Variables, _ library: Result<NGHTTP2, DynamicLibrary.Failure>
    ) throws(Problem) -> NGHTTP2 {
        switch library {
        case .success(let library): return library
        case .failure(let failure):
            let expected = NGHTTP2.requirement(failure) + ", or http/protobuf, usually to port 4318"
            guard arguments.encoding == nil, let name = variables.protocolName else { throw .inCode("encoding", "grpc", expected) }
            throw .inVariable(name, "grpc", expected)
        }
    }

    /// Returns the address that calls of gRPC go to. They have paths of their own: one in the endpoint is left out.
    private static func target(_ arguments: OTLPOptions, _ variables: Variables) throws(Problem) -> (url: HTTPURL, source: String?) {
        let variable = arguments.endpoint == nil ? variables.text("ENDPOINT") : nil
        let text = arguments.endpoint ?? variable?.text ?? GRPCTarget.defaultURL
        guard let url = GRPCTarget.url(text, isInsecure: { variables.isInsecure }) else {
            if let variable { throw variables.unusable(variable.name, text, GRPCTarget.expected) }
            throw .inCode("endpoint", HTTPURL.withoutUserInformation(text), GRPCTarget.expected)
        }
        if url.target != "/" {
            Diagnostics.report(
                .warning, topic: "otlp.endpoint \(url)",
                "\(variable?.name ?? "endpoint") is \(url), but calls of gRPC have paths of their own: what is sent goes to \(url.origin)."
                    + " OTLP over HTTP has paths; its protocol is http/protobuf, and its port usually 4318.")
        }
        return (url, variable?.name)
    }

    /// Appends the signal's path to a base URL. In a URL that already ends in the path of a signal, that path is replaced by the signal's
    /// own, and reported once: no receiver has one path below the other.
    private static func signalURL(_ base: HTTPURL, _ signal: OTLPSignal, _ setting: String) -> HTTPURL {
        for other in OTLPSignal.all {
            guard let root = base.removing(path: other.path) else { continue }
            let urls = OTLPSignal.all.map { "\($0.items) to \($0.path == other.path ? base : root.appending(path: $0.path))" }
            Diagnostics.report(
                .warning, topic: "otlp.endpoint \(base)",
                "\(setting) is \(base), which ends in \(other.path) already. Expected is a base address, as http://collector:4318, to which"
                    + " each signal's path is appended; what is sent there goes so: \(urls.joined(separator: ", ")).")
            return other.path == signal.path ? base : root.appending(path: signal.path)
        }
        return base.appending(path: signal.path)
    }

    /// Returns the longest time for one delivery; a setting of zero means no limit.
    private static func timeout(_ arguments: OTLPOptions, _ variables: Variables) throws(Problem) -> Duration {
        guard let timeout = arguments.timeout else { return variables.timeout }
        guard timeout >= .zero else { throw .inCode("timeout", "\(timeout)", "a duration that is not negative") }
        return timeout == .zero ? .seconds(1_000_000_000) : timeout
    }

    private static func headers(
        _ arguments: OTLPOptions, _ variables: Variables
    ) throws(Problem) -> [(name: String, value: String)] {
        guard let headers = arguments.headers else { return variables.headers ?? [] }
        let sorted = headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        if let wrong = sorted.first(where: { !isHeader($0) }) {
            throw .inCode("headers", wrong.name, "names of letters, digits and dashes, and values without control characters")
        }
        return sorted
    }

    static func isHeader(_ header: (name: String, value: String)) -> Bool {
        HTTPGrammar.isToken(header.name.utf8) && HTTPGrammar.isFieldValue(header.value.utf8)
    }

    private static func compression(_ arguments: OTLPOptions, _ variables: Variables) throws(Problem) -> OTLPCompression {
        let (compression, source) = arguments.compression.map { ($0, nil) } ?? variables.compression
        let reason: String
        switch compression {
        case .uncompressed: return compression
        case .gzip:
            guard case .failure(let failure) = Zlib.system else { return compression }
            reason = GzipError.noLibrary(reason: failure.description).description
        case .zstd:
            guard case .failure(let failure) = ZstdLibrary.system else { return compression }
            reason = ZstdError.noLibrary(reason: failure.description).description
        }
        throw source.map { .inVariable($0, compression.rawValue, reason) } ?? .inCode("compression", compression.rawValue, reason)
    }

    private static func tls(
        _ code: OTLPCertificateFiles, _ endpointSource: String?, _ variables: Variables, speaksHTTP2: Bool
    ) throws(Problem) -> TLSContext {
        let authority = code.authority.map { (name: nil, file: $0) } ?? variables.file("CERTIFICATE")
        let client = code.client.map { (name: nil, file: $0) } ?? variables.file("CLIENT_CERTIFICATE")
        let key = code.clientKey.map { (name: nil, file: $0) } ?? variables.file("CLIENT_KEY")
        var options = TLSOptions(
            certificateAuthorityFile: authority?.file, clientCertificateFile: client?.file, clientKeyFile: key?.file)
        do throws(ConfigurationError) {
            if options == TLSOptions() { return try (speaksHTTP2 ? TLSContext.standardHTTP2 : TLSContext.standard).get() }
            options.speaksHTTP2 = speaksHTTP2
            return try TLSContext(options)
        } catch {
            // A certificate without its key, or a key without its certificate, is the error of where the other one was given.
            let (setting, variable): (String, String?) =
                switch error.setting {
                case "certificateAuthorityFile": ("certificates.authority", authority?.name)
                case "clientCertificateFile":
                    ("certificates.client", client == nil ? key?.name.map { _ in variables.general("CLIENT_CERTIFICATE") } : client?.name)
                case "clientKeyFile":
                    ("certificates.clientKey", key == nil ? client?.name.map { _ in variables.general("CLIENT_KEY") } : key?.name)
                default: ("endpoint", endpointSource)
                }
            throw variable.map { .inVariable($0, error.value, error.expected) } ?? .inCode(setting, error.value, error.expected)
        }
    }

    /// The receiver in messages: the URL of requests, or for gRPC, whose calls all have paths of their own, the address.
    var destination: String { encoding == .grpc ? url.origin : url.description }

    /// A description of the settings for messages, without passwords and values of headers.
    var summary: String {
        var parts = [destination, encoding.rawValue, "compression \(compression.rawValue)", "timeout \(timeout)"]
        if !headers.isEmpty { parts.append("headers \(headers.map { "\($0.name)=***" }.joined(separator: " "))") }
        if let proxy { parts.append("by the proxy \(proxy)") }
        return parts.joined(separator: ", ")
    }

    /// All headers of a request: the exporter's and the configured ones, which may replace `User-Agent` and `Authorization`.
    ///
    /// Configured `Content-Type` and `Content-Encoding` are ignored, since they describe the body that the exporter encodes.
    var allHeaders: [(name: String, value: String)] {
        let exporter = "OTel-OTLP-Exporter-Swift/\(SDK.version)"
        var fixed = [(name: "Content-Type", value: encoding.contentType)]
        if compression != .uncompressed { fixed.append((name: "Content-Encoding", value: compression.rawValue)) }
        func isNamed(_ name: String) -> Bool { headers.contains { HTTPGrammar.isSame($0.name, name) } }
        if !isNamed("User-Agent") {
            fixed.append((name: "User-Agent", value: options.userAgentProduct.map { "\($0) \(exporter)" } ?? exporter))
        }
        if let user = url.userInformation.flatMap({ PercentEncoding.decode($0[...]) }), !isNamed("Authorization") {
            fixed.append((name: "Authorization", value: "Basic " + Base64.encode((user.contains(":") ? user : user + ":").utf8)))
        }
        let ours = ["Content-Type", "Content-Encoding"]
        return fixed + headers.filter { header in !ours.contains { HTTPGrammar.isSame($0, header.name) } }
    }
}

extension OTLPSettings.Problem {
    static func inCode(_ setting: String, _ value: String, _ expected: String) -> Self {
        Self(error: ConfigurationError(setting: setting, value: value, expected: expected), isFromEnvironment: false)
    }

    static func inVariable(_ name: String, _ value: String, _ expected: String) -> Self {
        Self(error: ConfigurationError(setting: name, value: value, expected: expected), isFromEnvironment: true)
    }
}

/// The variables `OTEL_EXPORTER_OTLP_…` of a signal; its own override those of all signals.
private struct Variables {
    let signal: OTLPSignal
    let environment: EnvironmentReader
    /// The endpoint in place of that of `…_ENDPOINT`.
    let listed: OTLPListedEndpoint?

    func general(_ setting: String) -> String { "OTEL_EXPORTER_OTLP_\(setting)" }
    private func own(_ setting: String) -> String { "OTEL_EXPORTER_OTLP_\(signal.variablePart)_\(setting)" }
    private func names(_ setting: String) -> [String] { [own(setting), general(setting)] }

    func isOwn(_ name: String) -> Bool {
        name == listed?.variable ? listed?.isOwn ?? false : name.hasPrefix("OTEL_EXPORTER_OTLP_\(signal.variablePart)_")
    }

    func text(_ setting: String) -> (name: String, text: String)? {
        if setting == "ENDPOINT", let listed { return (listed.variable, listed.text) }
        return names(setting).lazy.compactMap { name in environment.text(name).map { (name, $0) } }.first
    }

    /// Returns the error of an endpoint that is none.
    func unusable(_ name: String, _ text: String, _ expected: String) -> OTLPSettings.Problem {
        guard let listed else { return .inVariable(name, HTTPURL.withoutUserInformation(text), expected) }
        return .inVariable(name, listed.shown, "\(expected); a comma in a password is written %2C")
    }

    func file(_ setting: String) -> (name: String?, file: String)? { text(setting).map { ($0.name, $0.text) } }

    var timeout: Duration { environment.timeout(own("TIMEOUT"), general("TIMEOUT"), default: .seconds(10)) }

    var headers: [(name: String, value: String)]? {
        for name in names("HEADERS") {
            guard let pairs = environment.pairs(name) else { continue }
            if pairs.allSatisfy(OTLPSettings.isHeader) { return pairs }
            environment.report(
                name, "…", expected: "names of letters, digits and dashes, and values without control characters",
                used: "the whole variable is left out")
        }
        return nil
    }

    var encoding: OTLPEncoding {
        environment.value(
            names("PROTOCOL")[...], expected: { _ in "grpc, http/protobuf or http/json" },
            else: (OTLPEncoding.protobuf, "http/protobuf is used")
        ) { OTLPEncoding(rawValue: $0.lowercased()) }
    }

    /// The variable that has selected gRPC.
    var protocolName: String? { names("PROTOCOL").first { environment.text($0)?.lowercased() == OTLPEncoding.grpc.rawValue } }

    /// True if a connection to an endpoint of gRPC without a scheme is not secure.
    var isInsecure: Bool {
        environment.value(names("INSECURE")[...], expected: { _ in "true or false" }, else: (false, "false is used")) { text in
            switch text.lowercased() {
            case "true": true
            case "false": false
            default: nil
            }
        }
    }

    var compression: (OTLPCompression, source: String?) {
        let names = names("COMPRESSION")
        let compression = environment.value(
            names[...], expected: { _ in "gzip, zstd or none" }, else: (OTLPCompression.uncompressed, "none is used")
        ) { OTLPCompression(rawValue: $0.lowercased()) }
        return (compression, names.first { environment.text($0)?.lowercased() == compression.rawValue })
    }
}
