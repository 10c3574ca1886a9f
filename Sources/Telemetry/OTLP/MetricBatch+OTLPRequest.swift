// The request of a batch, for exporters that keep it rather than send it.

extension MetricBatch {
    /// The OTLP request in protobuf that has the metrics of the batch.
    package var otlpRequest: [UInt8] { OTLPRequestBody(OTLPMetricsRequest.items(self), of: .metrics).contiguous }
}
