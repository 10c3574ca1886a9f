// The environment variables that set the console up.

package import ExampleSupport

extension ConsoleLimits {
    /// `MAXIMUM_BYTES` is the memory for each signal.
    package init(_ environment: ServiceEnvironment) throws(StartFailure) {
        self.init()
        guard environment["MAXIMUM_BYTES"] != nil else { return }
        let bytes = try environment.number("MAXIMUM_BYTES", default: traceBytes, in: 1 << 20...1 << 40)
        (traceBytes, metricBytes, logBytes) = (bytes, bytes, bytes)
    }
}

extension ConsoleAccess {
    /// `HOST` is where the console listens, `CONSOLE_TOKEN` what readers must know, `ALLOWED_HOSTS` by which names browsers may call it, and
    /// `ALLOWED_ORIGINS` which pages may send telemetry.
    package init(_ environment: ServiceEnvironment) throws(StartFailure) {
        self.init()
        host = environment["HOST"] ?? host
        token = environment["CONSOLE_TOKEN"]
        allowedHosts = Self.list(environment["ALLOWED_HOSTS"])
        allowedOrigins = Self.list(environment["ALLOWED_ORIGINS"])
        guard isLoopback || token != nil else {
            throw StartFailure(
                .configuration,
                "HOST is \"\(host)\", which other machines reach; CONSOLE_TOKEN must be set then, to a secret that readers have to know.")
        }
        // The token travels in a cookie, whose value has no other characters. (RFC 6265, section 4.1.1.)
        if let token, token.utf8.count < 8 || !token.utf8.allSatisfy(Self.isCookieByte) {
            throw StartFailure(
                .configuration,
                "CONSOLE_TOKEN must have at least 8 letters, digits or other characters, and no blanks, quotes, commas, semicolons or backslashes."
            )
        }
    }

    private static func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
    }

    private static func isCookieByte(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && !#"",;\"#.utf8.contains(byte)
    }
}
