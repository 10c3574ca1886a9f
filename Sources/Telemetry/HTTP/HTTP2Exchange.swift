// One request and its response on an HTTP/2 connection.

/// The state of an exchange: the rest of the request's body, and what has come of the response. Used by one thread at a time.
final class HTTP2Exchange {
    /// The fields of a response and their bytes, all blocks together.
    private static let maximumFields = 100
    static let maximumFieldBytes = 32 * 1024

    private(set) var streamID: Int32 = 0
    /// What has come of the response.
    // Unchecked: nothing that is called while it changes refers to the exchange.
    @exclusivity(unchecked) private(set) var answer = HTTP2Answer()
    /// True once the response has ended in the order of HTTP.
    private(set) var isComplete = false
    /// The error code with which the stream was closed; nil while it is open.
    private(set) var closeCode: UInt32?
    /// True once anything of the response has come.
    private(set) var hasBegun = false
    private(set) var isTooLarge = false

    /// The bytes that have come of the response: of its fields and its body.
    var receivedBytes: Int { fieldBytes + answer.content.count }

    private let maximumResponseBytes: Int
    private let body: [UnsafeRawBufferPointer]
    /// The first piece of the body that is not in frames as a whole, and how many of its bytes are.
    private var piece = 0
    private var position = 0
    /// The bytes of the request's body that no frame carries yet.
    private(set) var remainingBytes: Int
    private var fieldCount = 0
    private var fieldBytes = 0

    init(body: [UnsafeRawBufferPointer], maximumResponseBytes: Int) {
        self.body = body
        remainingBytes = body.reduce(0) { $0 + $1.count }
        self.maximumResponseBytes = maximumResponseBytes
    }

    func begin(_ streamID: Int32) { self.streamID = streamID }

    // MARK: The request's body

    /// Moves the next bytes of the body to those that wait for the socket.
    func take(_ count: Int, into output: inout HTTP2Output) {
        assert(count <= remainingBytes, "No more is taken than there is.")
        var (left, piece, position) = (count, piece, position)
        while left > 0, piece < body.count {
            let bytes = body[piece]
            let count = min(left, bytes.count - position)
            output.append(body: UnsafeRawBufferPointer(start: bytes.baseAddress.map { $0 + position }, count: count))
            left -= count
            position += count
            if position == bytes.count { (piece, position) = (piece + 1, 0) }
        }
        (self.piece, self.position) = (piece, position)
        remainingBytes -= count - left
    }

    // MARK: The response

    /// Takes a field; returns false if there are more than a client keeps.
    func takeField(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Bool {
        hasBegun = true
        fieldCount += 1
        fieldBytes += name.count + value.count
        guard fieldCount <= Self.maximumFields, fieldBytes <= Self.maximumFieldBytes else { return false }
        answer.append(name, value)
        return true
    }

    /// Ends a block of fields: an informational head, the head, or the trailers.
    func endFields(isLast: Bool) {
        answer.endBlock()
        if isLast { isComplete = true }
    }

    /// Takes a part of the body; returns false once it is larger than allowed.
    func takeContent(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count <= maximumResponseBytes - answer.content.count else {
            isTooLarge = true
            return false
        }
        answer.append(content: bytes)
        return true
    }

    func endContent() { isComplete = true }

    func close(_ code: UInt32) { closeCode = code }
}
