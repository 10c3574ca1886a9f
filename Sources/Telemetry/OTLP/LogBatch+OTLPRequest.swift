// The request of a batch, for exporters that keep it rather than send it.

extension LogBatch {
    /// The OTLP request in protobuf that has the log records of the batch.
    package var otlpRequest: [UInt8] { OTLPRequestBody(items, of: .logs).contiguous }
}
