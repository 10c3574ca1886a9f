// Numbers of protobuf fields.

import Telemetry

extension WireField {
    /// The 64 bits of a numeric field; zero for any other.
    var bits: UInt64 {
        switch value {
        case .varint(let number), .fixed64(let number): number
        case .fixed32(let number): UInt64(number)
        case .bytes: 0
        }
    }

    /// The number of a `sint32` or `sint64`. (Protobuf, "Signed Integers".)
    var zigzag: Int { Int(Int64(bitPattern: bits >> 1) ^ -Int64(bitPattern: bits & 1)) }

    /// Calls the closure with each number of a repeated field, packed or not.
    func forEachNumber(_ type: WireType, _ body: (UInt64) -> Void) {
        guard case .bytes(let content) = value else { return body(bits) }
        var reader = WireReader(content)
        while let number = try? reader.nextPacked(type) {
            switch number {
            case .varint(let number), .fixed64(let number): body(number)
            case .fixed32(let number): body(UInt64(number))
            case .bytes: break
            }
        }
    }
}
