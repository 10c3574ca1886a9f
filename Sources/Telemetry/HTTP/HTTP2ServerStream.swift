// One request on an HTTP/2 connection of a server.

/// A request as far as it has come, and the rest of its response.
package struct HTTP2ServerStream {
    package private(set) var method = ""
    package private(set) var path = ""
    /// The fields of the head, without those of HTTP/2 itself.
    package private(set) var headers = HTTPHeaders()
    package private(set) var body: [UInt8] = []
    /// True once all of the request has come.
    package private(set) var isComplete = false
    /// True if the fields exceed the limits; those beyond are left out.
    package private(set) var hasTooManyFields = false
    /// True if the body exceeds the limit; the rest is left out.
    package private(set) var isTooLarge = false
    /// True once a response was submitted: nothing that comes is kept any more.
    package private(set) var isAnswered = false

    private var isHeadComplete = false
    private var fieldCount = 0
    private var fieldBytes = 0
    private var answer: [UInt8] = []
    private var answerPosition = 0
    private(set) var trailers: [(name: String, value: String)] = []

    /// Takes a field of the head; trailers of a request are left out.
    mutating func takeField(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, _ limits: HTTPLimits) {
        guard !isHeadComplete else { return }
        fieldCount += 1
        fieldBytes += name.count + value.count
        guard fieldCount <= limits.headerCount, fieldBytes <= limits.headerBytes else {
            hasTooManyFields = true
            return
        }
        let text = String(decoding: value, as: UTF8.self)
        switch String(decoding: name, as: UTF8.self) {
        case ":method": method = text
        case ":path": path = text
        case let name: if name.first != ":" { headers.addChecked(name, text) }
        }
    }

    mutating func endHead() { isHeadComplete = true }

    /// Takes a part of the body.
    mutating func takeContent(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: HTTPLimits) {
        guard !isAnswered, !isTooLarge else { return }
        guard bytes.count <= limits.body - body.count else {
            isTooLarge = true
            body = []
            return
        }
        body.append(contentsOf: bytes)
    }

    mutating func end() { isComplete = true }

    /// Moves the body out, to the one that handles the request.
    mutating func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    /// Begins a response; what has come of the body is freed.
    mutating func begin(_ answer: [UInt8], _ trailers: [(name: String, value: String)]) {
        assert(!isAnswered, "A request has one response.")
        isAnswered = true
        (self.answer, self.trailers, body) = (answer, trailers, [])
    }

    /// Writes the next part of the response's body; returns its size, and whether it was the last part.
    mutating func readAnswer(into room: UnsafeMutableRawBufferPointer) -> (count: Int, isLast: Bool) {
        let count = min(room.count, answer.count - answerPosition)
        answer.withUnsafeBytes { room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[answerPosition..<answerPosition + count])) }
        answerPosition += count
        return (count, answerPosition == answer.count)
    }

    /// The approximate memory of the stream.
    package var heldBytes: Int { body.capacity + fieldBytes + answer.count + 256 }
}
