// The part of the table of OTLP's fields that describes metrics.

extension OTLPSchema {
    /// `MetricsData`, and `ExportMetricsServiceRequest` with the same field.
    package enum MetricsData {
        @inline(__always) package static var resourceMetrics: OTLPField { .repeated(1, .message(.resourceMetrics), "resourceMetrics") }

        static var fields: [OTLPField] { [resourceMetrics] }
    }

    package enum ResourceMetrics {
        @inline(__always) package static var resource: OTLPField { OTLPField(1, .message(.resource), "resource") }
        @inline(__always) package static var scopeMetrics: OTLPField { .repeated(2, .message(.scopeMetrics), "scopeMetrics") }
        @inline(__always) package static var schemaURL: OTLPField { OTLPField(3, .string, "schemaUrl") }

        static var fields: [OTLPField] { [resource, scopeMetrics, schemaURL] }
    }

    package enum ScopeMetrics {
        @inline(__always) package static var scope: OTLPField { OTLPField(1, .message(.scope), "scope") }
        @inline(__always) package static var metrics: OTLPField { .repeated(2, .message(.metric), "metrics") }
        @inline(__always) package static var schemaURL: OTLPField { OTLPField(3, .string, "schemaUrl") }

        static var fields: [OTLPField] { [scope, metrics, schemaURL] }
    }

    /// Fields 4, 6 and 8 are reserved.
    package enum Metric {
        @inline(__always) package static var name: OTLPField { OTLPField(1, .string, "name") }
        @inline(__always) package static var description: OTLPField { OTLPField(2, .string, "description") }
        @inline(__always) package static var unit: OTLPField { OTLPField(3, .string, "unit") }
        @inline(__always) package static var gauge: OTLPField { OTLPField(5, .message(.gauge), "gauge") }
        @inline(__always) package static var sum: OTLPField { OTLPField(7, .message(.sum), "sum") }
        @inline(__always) package static var histogram: OTLPField { OTLPField(9, .message(.histogram), "histogram") }
        @inline(__always) package static var exponentialHistogram: OTLPField {
            OTLPField(10, .message(.exponentialHistogram), "exponentialHistogram")
        }
        @inline(__always) package static var summary: OTLPField { OTLPField(11, .message(.summary), "summary") }
        @inline(__always) package static var metadata: OTLPField { .repeated(12, .message(.keyValue), "metadata") }

        /// The data of the metric, of which it has one.
        package static var data: [OTLPField] { [gauge, sum, histogram, exponentialHistogram, summary] }
        static var fields: [OTLPField] { [name, description, unit] + data + [metadata] }
    }

    // MARK: Data

    /// What `Gauge`, `Sum` and their siblings share, where the type of the points does not matter.
    package enum AnyData {
        @inline(__always) package static var dataPoints: OTLPField { Gauge.dataPoints }
        @inline(__always) package static var aggregationTemporality: OTLPField { Sum.aggregationTemporality }
    }

    package enum Gauge {
        @inline(__always) package static var dataPoints: OTLPField { .repeated(1, .message(.numberPoint), "dataPoints") }

        static var fields: [OTLPField] { [dataPoints] }
    }

    package enum Sum {
        @inline(__always) package static var dataPoints: OTLPField { .repeated(1, .message(.numberPoint), "dataPoints") }
        @inline(__always) package static var aggregationTemporality: OTLPField { OTLPField(2, .enumeration, "aggregationTemporality") }
        @inline(__always) package static var isMonotonic: OTLPField { OTLPField(3, .bool, "isMonotonic") }

        static var fields: [OTLPField] { [dataPoints, aggregationTemporality, isMonotonic] }
    }

    package enum Histogram {
        @inline(__always) package static var dataPoints: OTLPField { .repeated(1, .message(.histogramPoint), "dataPoints") }
        @inline(__always) package static var aggregationTemporality: OTLPField { OTLPField(2, .enumeration, "aggregationTemporality") }

        static var fields: [OTLPField] { [dataPoints, aggregationTemporality] }
    }

    package enum ExponentialHistogram {
        @inline(__always) package static var dataPoints: OTLPField { .repeated(1, .message(.exponentialHistogramPoint), "dataPoints") }
        @inline(__always) package static var aggregationTemporality: OTLPField { OTLPField(2, .enumeration, "aggregationTemporality") }

        static var fields: [OTLPField] { [dataPoints, aggregationTemporality] }
    }

    package enum Summary {
        @inline(__always) package static var dataPoints: OTLPField { .repeated(1, .message(.summaryPoint), "dataPoints") }

        static var fields: [OTLPField] { [dataPoints] }
    }

    // MARK: Points

    package enum NumberDataPoint {
        @inline(__always) package static var startTime: OTLPField { OTLPField(2, .fixed64, "startTimeUnixNano") }
        @inline(__always) package static var time: OTLPField { OTLPField(3, .fixed64, "timeUnixNano") }
        @inline(__always) package static var asDouble: OTLPField { OTLPField(4, .double, "asDouble") }
        @inline(__always) package static var exemplars: OTLPField { .repeated(5, .message(.exemplar), "exemplars") }
        @inline(__always) package static var asInt: OTLPField { OTLPField(6, .sfixed64, "asInt") }
        @inline(__always) package static var attributes: OTLPField { .repeated(7, .message(.keyValue), "attributes") }
        @inline(__always) package static var flags: OTLPField { OTLPField(8, .uint32, "flags") }

        static var fields: [OTLPField] { [startTime, time, asDouble, exemplars, asInt, attributes, flags] }
    }

    package enum HistogramDataPoint {
        @inline(__always) package static var startTime: OTLPField { OTLPField(2, .fixed64, "startTimeUnixNano") }
        @inline(__always) package static var time: OTLPField { OTLPField(3, .fixed64, "timeUnixNano") }
        @inline(__always) package static var count: OTLPField { OTLPField(4, .fixed64, "count") }
        @inline(__always) package static var sum: OTLPField { OTLPField(5, .double, "sum") }
        @inline(__always) package static var bucketCounts: OTLPField { .repeated(6, .fixed64, "bucketCounts") }
        @inline(__always) package static var explicitBounds: OTLPField { .repeated(7, .double, "explicitBounds") }
        @inline(__always) package static var exemplars: OTLPField { .repeated(8, .message(.exemplar), "exemplars") }
        @inline(__always) package static var attributes: OTLPField { .repeated(9, .message(.keyValue), "attributes") }
        @inline(__always) package static var flags: OTLPField { OTLPField(10, .uint32, "flags") }
        @inline(__always) package static var min: OTLPField { OTLPField(11, .double, "min") }
        @inline(__always) package static var max: OTLPField { OTLPField(12, .double, "max") }

        static var fields: [OTLPField] {
            [startTime, time, count, sum, bucketCounts, explicitBounds, exemplars, attributes, flags, min, max]
        }
    }

    package enum ExponentialHistogramDataPoint {
        @inline(__always) package static var attributes: OTLPField { .repeated(1, .message(.keyValue), "attributes") }
        @inline(__always) package static var startTime: OTLPField { OTLPField(2, .fixed64, "startTimeUnixNano") }
        @inline(__always) package static var time: OTLPField { OTLPField(3, .fixed64, "timeUnixNano") }
        @inline(__always) package static var count: OTLPField { OTLPField(4, .fixed64, "count") }
        @inline(__always) package static var sum: OTLPField { OTLPField(5, .double, "sum") }
        @inline(__always) package static var scale: OTLPField { OTLPField(6, .sint32, "scale") }
        @inline(__always) package static var zeroCount: OTLPField { OTLPField(7, .fixed64, "zeroCount") }
        @inline(__always) package static var positive: OTLPField { OTLPField(8, .message(.buckets), "positive") }
        @inline(__always) package static var negative: OTLPField { OTLPField(9, .message(.buckets), "negative") }
        @inline(__always) package static var flags: OTLPField { OTLPField(10, .uint32, "flags") }
        @inline(__always) package static var exemplars: OTLPField { .repeated(11, .message(.exemplar), "exemplars") }
        @inline(__always) package static var min: OTLPField { OTLPField(12, .double, "min") }
        @inline(__always) package static var max: OTLPField { OTLPField(13, .double, "max") }
        @inline(__always) package static var zeroThreshold: OTLPField { OTLPField(14, .double, "zeroThreshold") }

        static var fields: [OTLPField] {
            [
                attributes, startTime, time, count, sum, scale, zeroCount, positive, negative, flags, exemplars, min, max,
                zeroThreshold,
            ]
        }

        package enum Buckets {
            @inline(__always) package static var offset: OTLPField { OTLPField(1, .sint32, "offset") }
            @inline(__always) package static var bucketCounts: OTLPField { .repeated(2, .uint64, "bucketCounts") }

            static var fields: [OTLPField] { [offset, bucketCounts] }
        }
    }

    package enum SummaryDataPoint {
        @inline(__always) package static var startTime: OTLPField { OTLPField(2, .fixed64, "startTimeUnixNano") }
        @inline(__always) package static var time: OTLPField { OTLPField(3, .fixed64, "timeUnixNano") }
        @inline(__always) package static var count: OTLPField { OTLPField(4, .fixed64, "count") }
        @inline(__always) package static var sum: OTLPField { OTLPField(5, .double, "sum") }
        @inline(__always) package static var quantileValues: OTLPField { .repeated(6, .message(.valueAtQuantile), "quantileValues") }
        @inline(__always) package static var attributes: OTLPField { .repeated(7, .message(.keyValue), "attributes") }
        @inline(__always) package static var flags: OTLPField { OTLPField(8, .uint32, "flags") }

        static var fields: [OTLPField] { [startTime, time, count, sum, quantileValues, attributes, flags] }

        package enum ValueAtQuantile {
            @inline(__always) package static var quantile: OTLPField { OTLPField(1, .double, "quantile") }
            @inline(__always) package static var value: OTLPField { OTLPField(2, .double, "value") }

            static var fields: [OTLPField] { [quantile, value] }
        }
    }

    package enum Exemplar {
        @inline(__always) package static var time: OTLPField { OTLPField(2, .fixed64, "timeUnixNano") }
        @inline(__always) package static var asDouble: OTLPField { OTLPField(3, .double, "asDouble") }
        @inline(__always) package static var spanID: OTLPField { OTLPField(4, .identifier(size: 8), "spanId") }
        @inline(__always) package static var traceID: OTLPField { OTLPField(5, .identifier(size: 16), "traceId") }
        @inline(__always) package static var asInt: OTLPField { OTLPField(6, .sfixed64, "asInt") }
        @inline(__always) package static var filteredAttributes: OTLPField { .repeated(7, .message(.keyValue), "filteredAttributes") }

        static var fields: [OTLPField] { [time, asDouble, spanID, traceID, asInt, filteredAttributes] }
    }
}
