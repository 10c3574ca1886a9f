// One request and its response on an HTTP/2 connection.

/// A response of HTTP/2, whole or as far as it came before its stream was reset.
struct HTTP2Response: Sendable {
    var status = 0
    var headers = HTTPHeaders()
    /// The fields after the body; empty without any.
    var trailers = HTTPHeaders()
    var body: [UInt8] = []
}

/// The state of an exchange: the rest of the request's body, and what has come of the response.
struct HTTP2Exchange {

    /// The fields of a response and their bytes, all blocks together.
    private static let maximumFields = 100
    static let maximumFieldBytes = 32 * 1024

    private(set) var streamID: Int32 = 0
    private(set) var response = HTTP2Response()
    /// True once the response has ended in the order of HTTP.
    private(set) var isComplete = false
    /// The error code with which the stream was closed; nil while it is open.
    private(set) var closeCode: UInt32?
    /// True once anything of the response has come.
    private(set) var hasBegun = false
    private(set) var isTooLarge = false

    /// The bytes that have come of the response: of its fields and its body.
    var receivedBytes: Int { fieldBytes + response.body.count }

    private let maximumResponseBytes: Int
    private var body: ArraySlice<UnsafeRawBufferPointer>
    private var position = 0
    /// The bytes of the request's body that no frame carries yet.
    private(set) var remainingBytes: Int
    private var fields = HTTPHeaders()
    private var status: Int?
    private var fieldCount = 0
    private var fieldBytes = 0

    init(body: [UnsafeRawBufferPointer], maximumResponseBytes: Int) {
        self.body = body[...]
        remainingBytes = body.reduce(0) { $0 + $1.count }
        self.maximumResponseBytes = maximumResponseBytes
    }

    mutating func begin(_ streamID: Int32) { self.streamID = streamID }

    // MARK: The request's body

    /// Passes the next bytes of the body to the closure, in pieces.
    mutating func take(_ count: Int, _ use: (UnsafeRawBufferPointer) -> Void) {
        assert(count <= remainingBytes, "No more is taken than there is.")
        var left = count
        while left > 0, let piece = body.first {
            let part = UnsafeRawBufferPointer(rebasing: piece[position...].prefix(left))
            use(part)
            left -= part.count
            position += part.count
            if position == piece.count { (body, position) = (body.dropFirst(), 0) }
        }
        remainingBytes -= count - left
    }

    // MARK: The response

    /// Takes a field; returns false if there are more than a client keeps.
    mutating func takeField(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        hasBegun = true
        fieldCount += 1
        fieldBytes += name.count + value.count
        guard fieldCount <= Self.maximumFields, fieldBytes <= Self.maximumFieldBytes else { return false }
        let text = String(decoding: value, as: UTF8.self)
        if name.first == UInt8(ascii: ":") {
            if name.elementsEqual(":status".utf8) { status = Int(text) }
        } else {
            fields.addChecked(String(decoding: name, as: UTF8.self), text)
        }
        return true
    }

    /// Ends a block of fields: an informational head, the head, or the trailers.
    mutating func endFields(isLast: Bool) {
        if let status, status / 100 != 1 {
            response.status = status
            response.headers = fields
        } else if status == nil {
            response.trailers = fields
        }
        (fields, status) = (HTTPHeaders(), nil)
        if isLast { isComplete = true }
    }

    /// Takes a part of the body; returns false once it is larger than allowed.
    mutating func takeContent(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count <= maximumResponseBytes - response.body.count else {
            isTooLarge = true
            return false
        }
        response.body.append(contentsOf: bytes)
        return true
    }

    mutating func endContent() { isComplete = true }

    mutating func close(_ code: UInt32) { closeCode = code }
}
