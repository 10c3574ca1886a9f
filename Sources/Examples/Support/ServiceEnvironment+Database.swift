// The variables that name a PostgreSQL by its parts, as manifests of containers do.

extension ServiceEnvironment {
    /// Returns the environment with a `DATABASE_URL` made of `DB_HOST`, `DB_PORT`, `DB_USER`, `DB_PASSWORD` and `DB_NAME`.
    ///
    /// They count where `DB_HOST` is set, and neither `DATABASE_URL` nor `DATABASE_FILE`.
    package func withDatabaseParts(defaultName: String) throws(StartFailure) -> ServiceEnvironment {
        guard let host = self["DB_HOST"], self["DATABASE_URL"] == nil, self["DATABASE_FILE"] == nil else { return self }
        let port = try number("DB_PORT", default: 5432, in: 1...65_535)
        let parts = [self["DB_USER"] ?? "postgres", self["DB_PASSWORD"] ?? "postgres", host, self["DB_NAME"] ?? defaultName]
        let encoded = parts.map(Self.percentEncoded)
        return setting("DATABASE_URL", to: "postgres://\(encoded[0]):\(encoded[1])@\(encoded[2]):\(port)/\(encoded[3])")
    }

    /// Encodes all but the characters that mean nothing in a URL. (RFC 3986, section 2.3.)
    private static func percentEncoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { encoded, byte in
            let character = Character(Unicode.Scalar(byte))
            if character.isASCII, character.isLetter || character.isNumber || "-._~".contains(character) {
                encoded.append(character)
            } else {
                encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
