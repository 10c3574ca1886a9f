// Certificates of other programs, as far as probes tell of them.

import Telemetry

/// The names, the number and the end of a certificate. (RFC 5280 §4.1.)
struct X509Certificate: Equatable {
    /// The last second of its validity, since 1970.
    let notAfter: Int
    /// Without leading zeros.
    let serialNumber: [UInt8]
    /// As Go writes names: the last part first. (RFC 2253.)
    let issuer: String
    let subject: String
    /// The DNS names that it is for.
    let names: [String]

    /// Reads a certificate in DER; nil if it is none.
    init?(_ bytes: [UInt8]) {
        var outer = DERReader(bytes[...])
        guard var certificate = outer.next(0x30), var body = certificate.next(0x30) else { return nil }
        if body.peek == 0xA0 { _ = body.element() }
        guard let serial = body.content(0x02), body.element() != nil, let issuer = body.content(0x30), let validity = body.content(0x30),
            let subject = body.content(0x30), body.element() != nil
        else { return nil }
        var times = DERReader(validity)
        guard times.element() != nil, let end = times.element(), let notAfter = Self.time(end) else { return nil }
        self.notAfter = notAfter
        serialNumber = Array(serial.drop { $0 == 0 })
        self.issuer = X509Name.text(issuer)
        self.subject = X509Name.text(subject)
        var names: [String] = []
        while let part = body.element() {
            if part.tag == 0xA3 { names = Self.alternativeNames(part.content) }
        }
        self.names = names
    }

    /// UTCTime has years from 1950 to 2049 in two digits, GeneralizedTime in four. (RFC 5280 §4.1.2.5.)
    private static func time(_ element: DERReader.Element) -> Int? {
        let digits = element.content.prefix { (48...57).contains($0) }.map { Int($0) - 48 }
        let isShort = element.tag == 0x17
        guard isShort || element.tag == 0x18, digits.count >= (isShort ? 12 : 14) else { return nil }
        func number(_ place: Int) -> Int { digits[place] * 10 + digits[place + 1] }
        let year = isShort ? (number(0) < 50 ? 2_000 : 1_900) + number(0) : number(0) * 100 + number(2)
        let at = isShort ? 2 : 4
        let (month, day) = (number(at), number(at + 2))
        guard (1...12).contains(month), (1...31).contains(day) else { return nil }
        let date = CivilDate(
            year: year, month: month, day: day, hour: number(at + 4), minute: number(at + 6), second: number(at + 8))
        return date.secondsSinceEpoch
    }

    private static func alternativeNames(_ extensions: ArraySlice<UInt8>) -> [String] {
        var outer = DERReader(extensions)
        guard var list = outer.next(0x30) else { return [] }
        while var one = list.next(0x30) {
            guard let identifier = one.content(0x06) else { return [] }
            guard identifier.elementsEqual([0x55, 0x1D, 0x11]) else { continue }
            if one.peek == 0x01 { _ = one.element() }
            guard let value = one.content(0x04) else { return [] }
            var wrapped = DERReader(value)
            guard var names = wrapped.next(0x30) else { return [] }
            var found: [String] = []
            while let name = names.element() {
                if name.tag == 0x82 { found.append(String(decoding: name.content, as: UTF8.self)) }
            }
            return found
        }
        return []
    }
}

/// Reads elements of DER one after another. (X.690.)
struct DERReader {
    struct Element {
        let tag: UInt8
        let content: ArraySlice<UInt8>
        /// Tag, length and content.
        let bytes: ArraySlice<UInt8>
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The tag of the next element; nil at the end.
    var peek: UInt8? { rest.first }

    /// Returns the next element; nil at the end, and if it is cut short.
    mutating func element() -> Element? {
        var place = rest.startIndex
        guard rest.count >= 2 else { return nil }
        let tag = rest[place]
        var length = Int(rest[place + 1])
        place += 2
        if length >= 0x80 {
            let count = length & 0x7F
            guard (1...3).contains(count), rest.endIndex - place >= count else { return nil }
            length = rest[place..<place + count].reduce(0) { $0 << 8 | Int($1) }
            place += count
        }
        guard rest.endIndex - place >= length else { return nil }
        let element = Element(tag: tag, content: rest[place..<place + length], bytes: rest[..<(place + length)])
        rest = rest[(place + length)...]
        return element
    }

    /// Returns the content of the next element if it has that tag.
    mutating func content(_ tag: UInt8) -> ArraySlice<UInt8>? {
        guard peek == tag else { return nil }
        return element()?.content
    }

    /// Returns a reader of the next element's content if it has that tag.
    mutating func next(_ tag: UInt8) -> DERReader? { content(tag).map { DERReader($0) } }
}
