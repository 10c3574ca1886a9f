// The fields of requests of HTTP/2, made once for many requests.

/// The fields that all requests of an exporter have in common, and one that differs.
///
/// nghttp2 refers to them and copies nothing until it has made a frame of them: a session keeps the object, and the varying value changes only
/// once the request before has ended or its session is freed. Used by one thread at a time.
final class HTTP2RequestHead {
    /// A field that has another value in each request.
    struct VaryingField {
        /// In lower case.
        let name: String
        /// The most bytes of a value.
        let capacity: Int
    }

    private let path: String
    private let headers: [(name: String, value: String)]
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    /// Where the value of the varying field is kept.
    private let varyingValue: UnsafeMutableBufferPointer<UInt8>
    /// All fields, with the varying one behind those of HTTP/2 itself.
    private var fields: [NGHTTP2.Field]
    private let ownCount: Int

    init(
        _ own: [(name: String, value: String)], path: String, headers: [(name: String, value: String)], varying: VaryingField
    ) {
        self.path = path
        self.headers = headers
        let common = own + [(name: varying.name, value: "")] + headers
        let count = common.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        bytes = .allocate(capacity: count + varying.capacity)
        bytes.initialize(repeating: 0)
        var end = 0
        func keep(_ text: String, in bytes: UnsafeMutableBufferPointer<UInt8>) -> UnsafePointer<UInt8>? {
            let start = end
            for byte in text.utf8 {
                bytes[end] = byte
                end += 1
            }
            return bytes.baseAddress.map { UnsafePointer($0 + start) }
        }
        fields = []
        fields.reserveCapacity(common.count)
        for (name, value) in common {
            fields.append(
                NGHTTP2.Field(
                    name: keep(name, in: bytes), value: keep(value, in: bytes), nameCount: name.utf8.count, valueCount: value.utf8.count,
                    flags: NGHTTP2.Constant.withoutCopies))
        }
        assert(end == count, "All fields fit.")
        varyingValue = UnsafeMutableBufferPointer(rebasing: bytes[count...])
        ownCount = own.count
        fields[ownCount].value = varyingValue.baseAddress.map { UnsafePointer($0) }
    }

    deinit {
        bytes.deallocate()
    }

    /// Returns whether these are the fields of such a request: those of an exporter are the very same array.
    func isOf(path: String, headers: [(name: String, value: String)]) -> Bool {
        guard self.path == path, self.headers.count == headers.count else { return false }
        return headers.withUnsafeBufferPointer { given in
            self.headers.withUnsafeBufferPointer { kept in given.baseAddress == kept.baseAddress }
        }
    }

    /// Calls the closure with the fields of a request.
    ///
    /// - Parameter value: that of the varying field, within its capacity; nil leaves the field out.
    func withFields<Result>(varying value: String?, _ use: (UnsafeBufferPointer<NGHTTP2.Field>) -> Result) -> Result {
        assert((value?.utf8.count ?? 0) <= varyingValue.count, "The value fits.")
        guard let value, value.utf8.count <= varyingValue.count else {
            var others = fields
            others.remove(at: ownCount)
            return others.withUnsafeBufferPointer(use)
        }
        for (place, byte) in zip(varyingValue.indices, value.utf8) { varyingValue[place] = byte }
        fields[ownCount].valueCount = value.utf8.count
        return fields.withUnsafeBufferPointer(use)
    }
}
