// The checked writer of protobuf, for what is encoded once: resources, scopes, descriptions of metrics.

/// Collects the bytes of a protobuf message; defaults are omitted as proto3 asks.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    /// Appends bytes that are encoded fields already.
    mutating func append(_ fields: some Sequence<UInt8>) {
        bytes += fields
    }

    mutating func varint(_ value: UInt64) { bytes.append(varint: value) }

    mutating func tag(_ field: Int, _ type: WireType) {
        varint(UInt64(field) << 3 | UInt64(type.rawValue))
    }

    /// Appends a varint field; zero is omitted.
    mutating func field(_ field: Int, varint value: UInt64) {
        guard value != 0 else { return }
        tag(field, .varint)
        varint(value)
    }

    /// Appends a floating-point field, even if it is zero.
    mutating func field(_ field: Int, double: Double) {
        tag(field, .fixed64)
        withUnsafeBytes(of: double.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends a text field; an empty text is omitted.
    mutating func field(_ field: Int, text: String) {
        guard !text.isEmpty else { return }
        self.field(field, message: Array(text.utf8))
    }

    /// Appends a message or bytes field, even if it is empty: its presence has a meaning.
    mutating func field(_ field: Int, message: [UInt8]) {
        tag(field, .lengthDelimited)
        varint(UInt64(message.count))
        bytes += message
    }

    /// Appends attributes as repeated `KeyValue` messages, limited only by the nesting that receivers read.
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
                assert(cursor.pointer == base + buffer.count, "An attribute fills the bytes that were appended for it.")
            }
        }
    }
}
