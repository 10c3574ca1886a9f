// Writes protobuf messages where speed does not matter: resources, scopes, answers.

/// Collects the bytes of a protobuf message; defaults are left out as proto3 asks.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    /// Bytes that are fields already.
    mutating func append(_ fields: some Sequence<UInt8>) {
        bytes += fields
    }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func tag(_ field: Int, _ type: WireType) {
        varint(UInt64(field) << 3 | UInt64(type.rawValue))
    }

    /// A varint field, left out when zero.
    mutating func field(_ field: Int, varint value: UInt64) {
        guard value != 0 else { return }
        tag(field, .varint)
        varint(value)
    }

    /// A floating-point field, written even when zero.
    mutating func field(_ field: Int, double: Double) {
        tag(field, .fixed64)
        withUnsafeBytes(of: double.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// A text field, left out when empty.
    mutating func field(_ field: Int, text: String) {
        guard !text.isEmpty else { return }
        self.field(field, message: Array(text.utf8))
    }

    /// A message or bytes field, written even when empty: presence is what counts.
    mutating func field(_ field: Int, message: [UInt8]) {
        tag(field, .lengthDelimited)
        varint(UInt64(message.count))
        bytes += message
    }

    /// Attributes as repeated `KeyValue` messages, without any limit but that of receivers.
    mutating func field(_ field: Int, attributes: Attributes) {
        for (key, value) in attributes {
            let size = AttributeWire.size(key: key, value: value, limits: .request)
            tag(field, .lengthDelimited)
            varint(UInt64(size))
            let start = bytes.count
            bytes.append(contentsOf: repeatElement(0, count: size))
            bytes.withUnsafeMutableBytes { buffer in
                guard let base = buffer.baseAddress else { return }
                var cursor = WireCursor(base + start)
                AttributeWire.write(key: key, value: value, limits: .request, to: &cursor)
            }
        }
    }
}

/// How a protobuf field is laid out.
enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
}
