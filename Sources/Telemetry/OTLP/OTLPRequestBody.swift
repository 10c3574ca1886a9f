// The assembly of export requests without copying recorded bytes.

/// The pieces of an OTLP export request (`Export…ServiceRequest`) in protobuf, ready for one vectored write.
///
/// The requests of all signals have the outline ``OTLPSchema/AnySignal``: resources, in each its scopes, in each its items, and a schema URL
/// after both. Recorded items have their own tag and length, so that a request is made by putting headers in front of them.
struct OTLPRequestBody {
    private enum Piece {
        case header(Range<Int>)
        case items(ChunkSlice)
        /// Items that were copied without values that are nested too deep.
        case shallowItems([UInt8])

        var count: Int {
            switch self {
            case .header(let range): range.count
            case .items(let slice): slice.bytes.count
            case .shallowItems(let bytes): bytes.count
            }
        }
    }

    private var headers: [UInt8] = []
    private var pieces: [Piece] = []
    private(set) var byteCount = 0
    let itemCount: Int

    /// - Parameter signal: the kind of the items.
    init(_ batch: ItemBatch, of signal: OTLPSignal) {
        itemCount = batch.itemCount
        headers.reserveCapacity(1024)
        for resource in batch.resources { add(resource, signal) }
    }

    /// Creates the body of a request that was encoded elsewhere.
    init(encoded request: [UInt8], itemCount: Int) {
        self.itemCount = itemCount
        byteCount = request.count
        headers = request
        if !request.isEmpty { pieces = [.header(0..<request.count)] }
    }

    /// The pieces, one after another.
    var contiguous: [UInt8] {
        withPieces { pieces in
            var bytes: [UInt8] = []
            bytes.reserveCapacity(byteCount)
            for piece in pieces { bytes.append(contentsOf: piece) }
            return bytes
        }
    }

    private mutating func add(_ group: ItemBatch.ResourceGroup, _ signal: OTLPSignal) {
        let items = group.scopes.map { scope in scope.slices.map { Self.piece($0, signal) } }
        let scopeSizes = group.scopes.indices.map { place in
            let scope = group.scopes[place].scope
            return items[place].reduce(scope.encodedScope.count + scope.encodedSchemaURL.count) { $0 + $1.count }
        }
        let size =
            group.resource.encodedResource.count + group.resource.encodedSchemaURL.count
            + scopeSizes.reduce(0) { $0 + 1 + WireSize.lengthDelimited($1) }
        addHeader { bytes in
            bytes.append(OTLPSchema.AnySignal.resources.tag)
            Self.appendVarint(size, to: &bytes)
            bytes += group.resource.encodedResource
        }
        for place in group.scopes.indices {
            let scope = group.scopes[place].scope
            addHeader { bytes in
                bytes.append(OTLPSchema.AnySignal.scopes.tag)
                Self.appendVarint(scopeSizes[place], to: &bytes)
                bytes += scope.encodedScope
            }
            pieces += items[place]
            byteCount += scopeSizes[place] - scope.encodedScope.count - scope.encodedSchemaURL.count
            addHeader { $0 += scope.encodedSchemaURL }
        }
        addHeader { $0 += group.resource.encodedSchemaURL }
    }

    /// Returns items as they are sent.
    private static func piece(_ slice: ChunkSlice, _ signal: OTLPSignal) -> Piece {
        let shallow = DeepNesting.mayOccur ? OTLPNesting.withoutDeepValues(slice.bytes, signal.scopeMessage) : nil
        return shallow.map { .shallowItems($0) } ?? .items(slice)
    }

    private static func appendVarint(_ value: Int, to bytes: inout [UInt8]) {
        var writer = WireWriter()
        writer.varint(UInt64(value))
        bytes += writer.bytes
    }

    /// Appends header bytes; neighbouring headers become one piece.
    private mutating func addHeader(_ append: (inout [UInt8]) -> Void) {
        let start = headers.count
        append(&headers)
        guard headers.count > start else { return }
        byteCount += headers.count - start
        if case .header(let range)? = pieces.last, range.upperBound == start {
            pieces[pieces.count - 1] = .header(range.lowerBound..<headers.count)
        } else {
            pieces.append(.header(start..<headers.count))
        }
    }

    /// Calls the closure with the pieces in order; they are valid only during the call.
    func withPieces<Result, Failure: Error>(
        _ body: ([UnsafeRawBufferPointer]) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withExtendedLifetime(pieces) { () throws(Failure) in
            var shallowItems: [UInt8] = []
            for case .shallowItems(let bytes) in pieces { shallowItems += bytes }
            let outcome = headers.withUnsafeBytes { headers in
                shallowItems.withUnsafeBytes { shallowItems -> Swift.Result<Result, Failure> in
                    var start = 0
                    let buffers = pieces.map { piece in
                        switch piece {
                        case .header(let range): return UnsafeRawBufferPointer(rebasing: headers[range])
                        case .items(let slice): return slice.bytes
                        case .shallowItems(let bytes):
                            defer { start += bytes.count }
                            return UnsafeRawBufferPointer(rebasing: shallowItems[start..<start + bytes.count])
                        }
                    }
                    assert(buffers.reduce(0) { $0 + $1.count } == byteCount, "The pieces have the size that was added up.")
                    do throws(Failure) { return .success(try body(buffers)) } catch { return .failure(error) }
                }
            }
            return try outcome.get()
        }
    }
}
