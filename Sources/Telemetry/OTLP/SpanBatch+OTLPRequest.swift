// The request of a batch, for exporters that keep it rather than send it.

extension SpanBatch {
    /// The OTLP request in protobuf that has the spans of the batch.
    package var otlpRequest: [UInt8] { OTLPRequestBody(items, of: .traces).contiguous }
}
