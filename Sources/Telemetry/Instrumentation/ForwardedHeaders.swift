// Parses the headers of proxies: Forwarded (RFC 7239) and X-Forwarded-*.

/// The properties of the original request, as the first proxy reports them.
struct ForwardedHeaders: Equatable {
    /// The address of the client, without port; an obfuscated identifier stays as it is.
    private(set) var clientAddress: String?
    private(set) var authority: HTTPAuthority?
    /// The scheme, in lower case.
    private(set) var scheme: String?

    /// Reads the headers by lower-case name. `Forwarded` takes precedence over `X-Forwarded-*`, property by property.
    init(_ values: (String) -> [String]) {
        let forwarded = Self.firstElement(of: values("forwarded"))
        clientAddress =
            forwarded["for"].flatMap(Self.address) ?? Self.firstItem(of: values("x-forwarded-for")).flatMap(Self.address)
        authority =
            forwarded["host"].flatMap { HTTPAuthority($0) } ?? Self.firstItem(of: values("x-forwarded-host")).flatMap { HTTPAuthority($0) }
        scheme = (forwarded["proto"] ?? Self.firstItem(of: values("x-forwarded-proto")))?.lowercased()
    }

    /// Returns only the scheme, in lower case.
    static func scheme(_ values: (String) -> [String]) -> String? {
        (firstElement(of: values("forwarded"))["proto"] ?? firstItem(of: values("x-forwarded-proto")))?.lowercased()
    }

    private static func address(_ node: String) -> String? {
        guard let address = HTTPAuthority(node)?.host, address.lowercased() != "unknown" else { return nil }
        return address
    }

    private static func firstItem(of values: [String]) -> String? {
        for value in values {
            let item = value.prefix { $0 != "," }.trimmingSpaces()
            if !item.isEmpty { return String(item) }
        }
        return nil
    }

    /// Returns the pairs of the first element, with names in lower case; the first of repeated names wins.
    private static func firstElement(of headers: [String]) -> [String: String] {
        guard !headers.isEmpty else { return [:] }
        let header = headers.joined(separator: ",")
        var pairs: [String: String] = [:]
        var name = ""
        var value = ""
        var isInValue = false
        var isQuoted = false
        var isEscaped = false
        func finishPair() {
            let key = name.trimmingSpaces().lowercased()
            let text = String(value.trimmingSpaces())
            if !key.isEmpty, !text.isEmpty, pairs[key] == nil { pairs[key] = text }
            (name, value, isInValue) = ("", "", false)
        }
        // Delimiters are compared by scalars, so that a combining mark cannot hide one.
        for scalar in header.unicodeScalars {
            if isEscaped {
                value.unicodeScalars.append(scalar)
                isEscaped = false
                continue
            }
            switch scalar {
            case "\\" where isQuoted: isEscaped = true
            case "\"" where isInValue: isQuoted.toggle()
            case ";" where !isQuoted: finishPair()
            case "," where !isQuoted:
                finishPair()
                if !pairs.isEmpty { return pairs }
            case "=" where !isInValue: isInValue = true
            default: if isInValue { value.unicodeScalars.append(scalar) } else { name.unicodeScalars.append(scalar) }
            }
        }
        // An unterminated quote invalidates the last pair.
        if !isQuoted { finishPair() }
        return pairs
    }
}
