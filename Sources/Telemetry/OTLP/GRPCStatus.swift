// The status of a gRPC call, with its details.

/// The status with which a receiver ends a call: in the trailers of its response, or in its head if it has nothing else to say.
struct GRPCStatus: Equatable {
    /// The codes of gRPC by their names in its specification.
    enum Code: Int, CaseIterable {
        case ok = 0
        case cancelled, unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists, permissionDenied, resourceExhausted
        case failedPrecondition, aborted, outOfRange, unimplemented, `internal`, unavailable, dataLoss, unauthenticated

        private static let names = [
            "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
            "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE",
            "DATA_LOSS", "UNAUTHENTICATED",
        ]

        var name: String { Self.names[rawValue] }
    }

    let code: Code
    /// The message, decoded; empty without one.
    let message: String
    /// The wait that the receiver asks for; nil if it does not speak of one, zero for an attempt at once.
    let retryDelay: Duration?

    /// Reads the status of a response; nil if it has none.
    init?(_ response: HTTP2Response) {
        let fields = response.trailers["grpc-status"] == nil ? response.headers : response.trailers
        guard let text = fields["grpc-status"] else { return nil }
        code = Int(text).flatMap(Code.init(rawValue:)) ?? .unknown
        message = PercentEncoding.decodeLeniently((fields["grpc-message"] ?? "").utf8)
        retryDelay = fields["grpc-status-details-bin"].flatMap { Base64.decodeLeniently($0.utf8) }.flatMap(Self.retryDelay)
    }

    /// True if the request may be sent again. (OTLP specification, "OTLP/gRPC Response".)
    var isRetryable: Bool {
        switch code {
        case .cancelled, .deadlineExceeded, .aborted, .outOfRange, .unavailable, .dataLoss: true
        // Only a receiver that speaks of another attempt can recover.
        case .resourceExhausted: retryDelay != nil
        default: false
        }
    }

    /// Returns the delay of a `google.rpc.RetryInfo` among the details of a `google.rpc.Status`.
    private static func retryDelay(_ details: [UInt8]) -> Duration? {
        details.withUnsafeBytes { bytes in
            var status = WireReader(bytes)
            while let field = try? status.next() {
                guard field.number == OTLPSchema.RPCStatus.details.number else { continue }
                var detail = WireReader(field.bytes)
                var type = ""
                var value = UnsafeRawBufferPointer(start: nil, count: 0)
                while let part = try? detail.next() {
                    if part.number == OTLPSchema.AnyMessage.typeURL.number { type = part.text }
                    if part.number == OTLPSchema.AnyMessage.value.number { value = part.bytes }
                }
                if type.hasSuffix("/google.rpc.RetryInfo") { return delay(value) }
            }
            return nil
        }
    }

    private static func delay(_ retryInfo: UnsafeRawBufferPointer) -> Duration {
        var reader = WireReader(retryInfo)
        var delay = Duration.zero
        while let field = try? reader.next() {
            guard field.number == OTLPSchema.RetryInfo.delay.number else { continue }
            var duration = WireReader(field.bytes)
            while let part = try? duration.next() {
                // The wait is limited to about a century, so that arithmetic with it does not overflow.
                let number = min(max(0, Int64(bitPattern: part.number64)), 4_000_000_000)
                if part.number == OTLPSchema.RetryInfo.seconds.number { delay += .seconds(number) }
                if part.number == OTLPSchema.RetryInfo.nanoseconds.number { delay += .nanoseconds(number) }
            }
        }
        return delay
    }
}
