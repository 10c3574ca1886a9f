// Looks fields up in the table of OTLP, for readers that know no message by itself.

extension OTLPMessage {
    /// The field with a number; nil for numbers that OTLP does not have, which readers skip.
    package func field(_ number: Int) -> OTLPField? {
        let fields = Self.tables[rawValue]
        return number < fields.count ? fields[number] : nil
    }

    /// The fields of each message, by number.
    private static let tables: [[OTLPField?]] = allCases.map { message in
        var fields: [OTLPField?] = []
        for field in message.fields {
            while fields.count <= field.number { fields.append(nil) }
            fields[field.number] = field
        }
        return fields
    }

    /// The fields of the message, in the order of their numbers.
    package var fields: [OTLPField] {
        switch self {
        case .tracesData: OTLPSchema.TracesData.fields
        case .resourceSpans: OTLPSchema.ResourceSpans.fields
        case .resource: OTLPSchema.Resource.fields
        case .entityReference: OTLPSchema.EntityRef.fields
        case .scopeSpans: OTLPSchema.ScopeSpans.fields
        case .scope: OTLPSchema.InstrumentationScope.fields
        case .span: OTLPSchema.Span.fields
        case .event: OTLPSchema.Span.Event.fields
        case .link: OTLPSchema.Span.Link.fields
        case .status: OTLPSchema.Status.fields
        case .metricsData: OTLPSchema.MetricsData.fields
        case .resourceMetrics: OTLPSchema.ResourceMetrics.fields
        case .scopeMetrics: OTLPSchema.ScopeMetrics.fields
        case .metric: OTLPSchema.Metric.fields
        case .gauge: OTLPSchema.Gauge.fields
        case .sum: OTLPSchema.Sum.fields
        case .histogram: OTLPSchema.Histogram.fields
        case .exponentialHistogram: OTLPSchema.ExponentialHistogram.fields
        case .summary: OTLPSchema.Summary.fields
        case .numberPoint: OTLPSchema.NumberDataPoint.fields
        case .histogramPoint: OTLPSchema.HistogramDataPoint.fields
        case .exponentialHistogramPoint: OTLPSchema.ExponentialHistogramDataPoint.fields
        case .buckets: OTLPSchema.ExponentialHistogramDataPoint.Buckets.fields
        case .summaryPoint: OTLPSchema.SummaryDataPoint.fields
        case .valueAtQuantile: OTLPSchema.SummaryDataPoint.ValueAtQuantile.fields
        case .exemplar: OTLPSchema.Exemplar.fields
        case .logsData: OTLPSchema.LogsData.fields
        case .resourceLogs: OTLPSchema.ResourceLogs.fields
        case .scopeLogs: OTLPSchema.ScopeLogs.fields
        case .logRecord: OTLPSchema.LogRecord.fields
        case .keyValue: OTLPSchema.KeyValue.fields
        case .anyValue: OTLPSchema.AnyValue.fields
        case .arrayValue: OTLPSchema.ArrayValue.fields
        case .keyValueList: OTLPSchema.KeyValueList.fields
        case .exportResponse: OTLPSchema.ExportResponse.fields
        case .partialSuccess: OTLPSchema.PartialSuccess.fields
        }
    }
}
