// Header fields in the form in which nghttp2 takes them.

extension NGHTTP2 {
    /// Calls the closure with fields that are valid until it returns; nghttp2 copies them.
    static func withFields<Result>(
        _ fields: [(name: String, value: String)], _ use: (UnsafeBufferPointer<NGHTTP2.Field>) -> Result
    ) -> Result {
        var bytes: [UInt8] = []
        for field in fields {
            bytes += field.name.utf8
            bytes += field.value.utf8
        }
        return bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            func next(_ count: Int) -> UnsafePointer<UInt8>? {
                defer { start += count }
                return bytes.baseAddress.map { $0 + start }
            }
            let list = fields.map { field in
                let (nameCount, valueCount) = (field.name.utf8.count, field.value.utf8.count)
                return NGHTTP2.Field(
                    name: next(nameCount), value: next(valueCount), nameCount: nameCount, valueCount: valueCount, flags: 0)
            }
            return list.withUnsafeBufferPointer(use)
        }
    }
}
