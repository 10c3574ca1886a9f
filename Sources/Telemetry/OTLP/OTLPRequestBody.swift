// The body of an OTLP export request: a few headers between the very bytes that were recorded.

/// The pieces of an OTLP export request (`Export…ServiceRequest`) in protobuf, ready for one vectored write.
///
/// The three signals have the same outline: field 1 a `Resource…` message; in it field 1 the resource, field 2 a `Scope…`
/// message, field 3 a schema URL; in that field 1 the scope, field 2 the items, field 3 a schema URL. Recorded items bring
/// their own tag and length, so that a request is made by putting headers in front of them.
struct OTLPRequestBody {
    private enum Piece {
        case header(Range<Int>)
        case items(ChunkSlice)
    }

    private var headers: [UInt8] = []
    private var pieces: [Piece] = []
    private(set) var byteCount = 0
    let itemCount: Int

    init(_ batch: ItemBatch) {
        itemCount = batch.itemCount
        headers.reserveCapacity(1024)
        for resource in batch.resources { add(resource) }
    }

    private mutating func add(_ group: ItemBatch.ResourceGroup) {
        let scopeSizes = group.scopes.map(Self.size(of:))
        let size =
            group.resource.encodedResource.count + group.resource.encodedSchemaURL.count
            + scopeSizes.reduce(0) { $0 + 1 + WireSize.lengthDelimited($1) }
        addHeader { bytes in
            bytes.append(0x0A)
            Self.appendVarint(size, to: &bytes)
            bytes += group.resource.encodedResource
        }
        for (scope, size) in zip(group.scopes, scopeSizes) {
            addHeader { bytes in
                bytes.append(0x12)
                Self.appendVarint(size, to: &bytes)
                bytes += scope.scope.encodedScope
            }
            for slice in scope.slices {
                pieces.append(.items(slice))
                byteCount += slice.bytes.count
            }
            addHeader { $0 += scope.scope.encodedSchemaURL }
        }
        addHeader { $0 += group.resource.encodedSchemaURL }
    }

    private static func size(of group: ItemBatch.ScopeGroup) -> Int {
        group.slices.reduce(group.scope.encodedScope.count + group.scope.encodedSchemaURL.count) { $0 + $1.bytes.count }
    }

    private static func appendVarint(_ value: Int, to bytes: inout [UInt8]) {
        var writer = WireWriter()
        writer.varint(UInt64(value))
        bytes += writer.bytes
    }

    /// Adds header bytes; neighbouring headers become one piece.
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
            let outcome = headers.withUnsafeBytes { headers -> Swift.Result<Result, Failure> in
                let buffers = pieces.map { piece in
                    switch piece {
                    case .header(let range): UnsafeRawBufferPointer(rebasing: headers[range])
                    case .items(let slice): slice.bytes
                    }
                }
                do throws(Failure) { return .success(try body(buffers)) } catch { return .failure(error) }
            }
            return try outcome.get()
        }
    }
}
