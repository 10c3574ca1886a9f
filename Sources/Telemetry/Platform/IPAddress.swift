// Comparison of IP addresses, for proxies and certificates.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A numeric address of a host. An IPv4-mapped IPv6 address equals the IPv4 address.
struct IPAddress: Sendable, Hashable {
    /// 4 or 16 bytes, the most significant first.
    let bytes: [UInt8]

    /// Parses an address such as `10.0.0.1` or `fe80::1`, without brackets and zone; nil for anything else.
    init?(_ text: some StringProtocol) {
        let text = String(text)
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            bytes = withUnsafeBytes(of: v4) { Array($0) }
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            let all = withUnsafeBytes(of: v6) { Array($0) }
            bytes = all.starts(with: Self.mapped) ? Array(all[12...]) : all
        } else {
            return nil
        }
    }

    private static let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    /// True for a loopback address.
    var isLoopback: Bool { bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1 }

    /// Returns whether the first bits of both addresses are equal.
    func hasPrefix(_ count: Int, of other: IPAddress) -> Bool {
        guard bytes.count == other.bytes.count, (0...bytes.count * 8).contains(count) else { return false }
        let whole = count / 8
        guard bytes[..<whole] == other.bytes[..<whole] else { return false }
        let rest = count % 8
        return rest == 0 || (bytes[whole] ^ other.bytes[whole]) >> (8 - rest) == 0
    }
}
