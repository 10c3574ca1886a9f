// Random attribute values and random damage for tests of encoding and decoding.

@testable import Telemetry

extension AttributeValue {
    /// Returns a random value of any kind, nested at most `depth` levels.
    static func random(depth: Int, using random: inout some RandomNumberGenerator) -> AttributeValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: return .string(.random(using: &random))
        case 1: return .bool(.random(using: &random))
        case 2: return .int(Int64(truncatingIfNeeded: random.next()) >> Int64.random(in: 0..<64, using: &random))
        case 3: return .double(Double.random(in: -1e9...1e9, using: &random))
        case 4: return .bytes((0..<Int.random(in: 0..<40, using: &random)).map { _ in .random(in: 0...255, using: &random) })
        case 5: return .empty
        case 6: return .array((0..<Int.random(in: 0..<4, using: &random)).map { _ in .random(depth: depth - 1, using: &random) })
        default:
            var entries: [String: AttributeValue] = [:]
            for index in 0..<Int.random(in: 0..<4, using: &random) { entries["key \(index)"] = .random(depth: depth - 1, using: &random) }
            return .map(entries)
        }
    }
}

extension String {
    /// Returns a random text of up to forty scalars of one to four bytes each.
    static func random(using random: inout some RandomNumberGenerator) -> String {
        let scalars: [String] = ["a", "Z", " ", "\u{0}", "é", "ß", "€", "漢", "🎷", "e\u{301}"]
        return (0..<Int.random(in: 0..<40, using: &random)).map { _ in scalars.randomElement(using: &random) ?? "" }.joined()
    }
}

extension [UInt8] {
    /// Returns the bytes with one to four random changes: a byte changed, removed or inserted, or the rest cut off.
    func damaged(using random: inout some RandomNumberGenerator) -> [UInt8] {
        var bytes = self
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] = .random(in: 0...255, using: &random)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes.remove(at: place)
            case 3: bytes.insert(.random(in: 0...255, using: &random), at: place)
            case 4: bytes[place] = [0x00, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
            default: if place > bytes.count / 2 { bytes.removeSubrange(place...) }
            }
        }
        return bytes
    }
}
