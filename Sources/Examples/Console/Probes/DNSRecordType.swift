// The numbers of DNS and their names.

/// A type of records. (RFC 1035 §3.2.2 and IANA's list.)
struct DNSRecordType: Sendable, Hashable {
    let number: UInt16

    static let any = DNSRecordType(number: 255)
    static let startOfAuthority = DNSRecordType(number: 6)

    private static let known: [(name: String, number: UInt16)] = [
        ("A", 1), ("NS", 2), ("CNAME", 5), ("SOA", 6), ("PTR", 12), ("HINFO", 13), ("MX", 15), ("TXT", 16), ("RP", 17), ("AAAA", 28),
        ("LOC", 29),
        ("SRV", 33), ("NAPTR", 35), ("DNAME", 39), ("DS", 43), ("SSHFP", 44), ("RRSIG", 46), ("NSEC", 47), ("DNSKEY", 48), ("NSEC3", 50),
        ("TLSA", 52), ("SVCB", 64), ("HTTPS", 65), ("SPF", 99), ("ANY", 255), ("CAA", 257),
    ]

    static let names = known.map(\.name)

    init(number: UInt16) { self.number = number }

    init?(_ name: String) {
        guard let type = Self.known.first(where: { $0.name == name }) else { return nil }
        number = type.number
    }

    /// The name, `TYPE` and the number for one that has none here. (RFC 3597 §5.)
    var name: String { Self.known.first { $0.number == number }?.name ?? "TYPE\(number)" }
}

/// The classes of records and the codes of responses. (RFC 1035 §3.2.4, RFC 6895 §2.3.)
enum DNSNames {
    static let classes: [String: UInt16] = ["IN": 1, "CH": 3, "HS": 4, "NONE": 254, "ANY": 255]

    static let responseCodes: [String: UInt8] = [
        "NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "NOTIMPL": 4, "REFUSED": 5, "YXDOMAIN": 6, "YXRRSET": 7,
        "NXRRSET": 8,
        "NOTAUTH": 9, "NOTZONE": 10,
    ]

    static func responseCode(_ number: UInt8) -> String {
        responseCodes.filter { $0.value == number }.keys.min() ?? "code \(number)"
    }

    static func recordClass(_ number: UInt16) -> String { classes.first { $0.value == number }?.key ?? "CLASS\(number)" }
}
