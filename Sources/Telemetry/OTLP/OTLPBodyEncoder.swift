// The encoding and compression of request bodies.

/// Encodes the bodies of one sender's requests, one after another, in the same memory.
final class OTLPBodyEncoder: @unchecked Sendable {
    // Unchecked: a sender uses it for one request at a time; its delivery hands out no sender that is in use.
    private static let keptBytes = 1 << 20

    private let encoding: OTLPEncoding
    private let signal: OTLPSignal
    private let maximumBytes: Int
    private let compression: OTLPCompression
    private var gzip: GzipCompressor?
    private var zstd: ZstdCompressor?
    private var json = OTLPJSON()
    private var contiguous: [UInt8] = []
    private var isInUse = false

    init(_ settings: OTLPSettings) {
        encoding = settings.encoding
        signal = settings.signal
        maximumBytes = settings.options.maximumRequestBytes
        compression = settings.compression
    }

    /// Calls the closure with the pieces of the body in order; they are valid only during the call.
    ///
    /// A request that is too large is not sent. (OTLP specification, "Request Size": measured before compression.)
    ///
    /// - Parameter body: the request in protobuf, as it was recorded.
    func withEncoded(
        _ body: [UnsafeRawBufferPointer], _ send: ([UnsafeRawBufferPointer]) -> Result<Void, ExportFailure>
    ) -> Result<Void, ExportFailure> {
        assert(!isInUse, "A sender encodes one request at a time.")
        isInUse = true
        defer { isInUse = false }
        guard encoding == .json else {
            let byteCount = body.reduce(0) { $0 + $1.count }
            guard byteCount <= maximumBytes else { return .failure(tooLarge("\(byteCount)")) }
            return withCompressed(body, send)
        }
        defer {
            // The memory of an unusually large body is released.
            if json.text.count > Self.keptBytes { (contiguous, json) = ([], OTLPJSON()) }
        }
        contiguous.removeAll(keepingCapacity: true)
        for piece in body { contiguous.append(contentsOf: piece) }
        do throws(OTLPJSON.Failure) {
            try json.write(signal.message, contiguous, maximumBytes: maximumBytes)
        } catch {
            switch error {
            case .tooLarge: return .failure(tooLarge("more than \(maximumBytes)"))
            case .unreadable(let reason): return .failure(.rejected(reason: "the \(signal.items) cannot be written as JSON: \(reason)"))
            }
        }
        return json.text.withUnsafeBytes { withCompressed([$0], send) }
    }

    private func withCompressed(
        _ pieces: [UnsafeRawBufferPointer], _ send: ([UnsafeRawBufferPointer]) -> Result<Void, ExportFailure>
    ) -> Result<Void, ExportFailure> {
        switch compression {
        case .uncompressed: return send(pieces)
        case .gzip:
            do throws(GzipError) {
                let compressor = if let made = gzip { made } else { try GzipCompressor() }
                gzip = compressor
                return try compressor.withCompressed(pieces) { send([$0]) }
            } catch {
                // The next request makes a new compressor; memory may be available again then.
                gzip = nil
                return .failure(.rejected(reason: error.description))
            }
        case .zstd:
            do throws(ZstdError) {
                let compressor = if let made = zstd { made } else { try ZstdCompressor() }
                zstd = compressor
                return try compressor.withCompressed(pieces) { send([$0]) }
            } catch {
                zstd = nil
                return .failure(.rejected(reason: error.description))
            }
        }
    }

    private func tooLarge(_ size: String) -> ExportFailure {
        .rejected(reason: "the request has \(size) bytes, and \(maximumBytes) may be sent: let batches hold fewer \(signal.items)")
    }
}
