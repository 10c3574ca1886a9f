// Reads the console's access settings from the environment.

package import ExampleSupport

extension ConsoleAccess {
    /// `HOST` is where the console listens, `CONSOLE_TOKEN` what readers must know, `ALLOWED_HOSTS` by which names browsers may call it, and
    /// `ALLOWED_ORIGINS` which pages may send telemetry.
    package init(_ environment: ServiceEnvironment) throws(StartFailure) {
        self.init()
        host = environment["HOST"] ?? host
        token = environment["CONSOLE_TOKEN"]
        allowedHosts = environment.list("ALLOWED_HOSTS")
        allowedOrigins = environment.list("ALLOWED_ORIGINS")
        try check()
    }

    /// Checks that what other machines reach has a token.
    func check() throws(StartFailure) {
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

    private static func isCookieByte(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && !#"",;\"#.utf8.contains(byte)
    }
}
