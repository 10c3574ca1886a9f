// The messages of OTLP by name.

/// A message of OTLP, or several with the same fields.
package enum OTLPMessage: Int, CaseIterable {
    case tracesData, resourceSpans, resource, entityReference, scopeSpans, scope, span, event, link, status
    case metricsData, resourceMetrics, scopeMetrics, metric, gauge, sum, histogram, exponentialHistogram, summary
    case numberPoint, histogramPoint, exponentialHistogramPoint, buckets, summaryPoint, valueAtQuantile, exemplar
    case logsData, resourceLogs, scopeLogs, logRecord
    case keyValue, anyValue, arrayValue, keyValueList
    case exportResponse, partialSuccess
}
