// A response of HTTP/2 as it came, before anything is read from it.

/// The fields and the content of a response in the order in which they came.
///
/// Two with the same bytes say the same: an exporter reads only answers that differ from the one before.
struct HTTP2Answer: Equatable {
    /// Each field is the counts of its name and its value, and their bytes; a block ends with `endOfBlock`.
    private var fields: [UInt8] = []
    private(set) var content: [UInt8] = []

    private static let countBytes = MemoryLayout<UInt32>.size
    private static let endOfBlock = UInt32.max
    /// The room for the fields of a usual answer.
    private static let usualBytes = 256

    var byteCount: Int { fields.count + content.count }

    /// Appends a field; the bounds of its owner are far below those of its counts.
    mutating func append(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        assert(name.count < Self.endOfBlock && value.count < Self.endOfBlock, "The counts of a field can be kept.")
        if fields.isEmpty { fields.reserveCapacity(Self.usualBytes) }
        append((UInt32(truncatingIfNeeded: name.count), UInt32(truncatingIfNeeded: value.count)))
        fields.append(contentsOf: name)
        fields.append(contentsOf: value)
    }

    /// Ends a block of fields: an informational head, the head, or the trailers.
    mutating func endBlock() { append(Self.endOfBlock) }

    mutating func append(content bytes: UnsafeBufferPointer<UInt8>) { content.append(contentsOf: bytes) }

    private mutating func append<Counts: BitwiseCopyable>(_ counts: Counts) {
        withUnsafeBytes(of: counts) { fields.append(contentsOf: $0) }
    }

    /// What the answer says.
    var response: HTTP2Response {
        var response = HTTP2Response()
        response.body = content
        fields.withUnsafeBytes { bytes in
            var place = 0
            func nextCount() -> UInt32 {
                defer { place += Self.countBytes }
                return bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
            }
            func nextText(_ count: UInt32) -> String {
                defer { place += Int(count) }
                return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[place..<place + Int(count)]), as: UTF8.self)
            }
            var (headers, status): (HTTPHeaders, Int?) = (HTTPHeaders(), nil)
            while place < bytes.count {
                let nameCount = nextCount()
                guard nameCount != Self.endOfBlock else {
                    if let status, status / 100 != 1 {
                        (response.status, response.headers) = (status, headers)
                    } else if status == nil {
                        response.trailers = headers
                    }
                    (headers, status) = (HTTPHeaders(), nil)
                    continue
                }
                let valueCount = nextCount()
                let (name, value) = (nextText(nameCount), nextText(valueCount))
                if !name.utf8.starts(with: ":".utf8) {
                    headers.addChecked(name, value)
                } else if name == ":status" {
                    status = Int(value)
                }
            }
        }
        return response
    }
}
