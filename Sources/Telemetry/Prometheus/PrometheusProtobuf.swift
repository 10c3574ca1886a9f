// Encodes the parts of protobuf pages that are not points.

/// The fields of `io.prometheus.client.MetricFamily` and of the messages in it. (prometheus/client_model, `metrics.proto`.)
enum PrometheusProtobuf {
    enum Field {
        static let metric = 4
        static let gauge = 2
        static let counter = 3
        static let summary = 4
        static let untyped = 5
        static let histogram = 7
    }

    /// Returns the `LabelPair` fields of a `Metric`.
    static func labels(_ labels: [(name: String, value: String)]) -> [UInt8] {
        var writer = WireWriter()
        for label in labels { writer.field(1, message: pair(label)) }
        return writer.bytes
    }

    private static func pair(_ label: (name: String, value: String)) -> [UInt8] {
        var pair = WireWriter()
        pair.field(1, text: label.name)
        pair.field(2, text: label.value)
        return pair.bytes
    }

    /// Returns a `Gauge`, an `Untyped`, or the beginning of a `Counter`.
    static func value(_ value: Double) -> [UInt8] {
        var writer = WireWriter()
        writer.field(1, double: value)
        return writer.bytes
    }

    static func timestamp(_ time: Timestamp) -> [UInt8] {
        var writer = WireWriter()
        writer.field(1, varint: time.nanosecondsSinceEpoch / 1_000_000_000)
        writer.field(2, varint: time.nanosecondsSinceEpoch % 1_000_000_000)
        return writer.bytes
    }

    static func exemplar(_ exemplar: Exemplar, _ maker: PrometheusLabelMaker) -> [UInt8] {
        let exemplar = PrometheusExemplar(exemplar, maker)
        var writer = WireWriter()
        for label in exemplar.labels { writer.field(1, message: pair(label)) }
        writer.field(2, double: exemplar.value)
        writer.field(3, message: timestamp(exemplar.time))
        return writer.bytes
    }

    /// Returns the enum value of a type; info metrics are gauges.
    fileprivate static func number(of type: PrometheusFamilyType) -> UInt64 {
        switch type {
        case .counter: 0
        case .gauge, .info: 1
        case .summary: 2
        case .unknown: 3
        case .histogram: 4
        }
    }
}

extension PrometheusName {
    /// Returns the name, description, type and unit of a `MetricFamily`.
    func protobufHeader(help: String) -> [UInt8] {
        var writer = WireWriter()
        writer.field(1, text: family)
        writer.field(2, text: help)
        writer.tag(3, .varint)
        writer.varint(PrometheusProtobuf.number(of: type))
        writer.field(5, text: unit)
        return writer.bytes
    }
}
