// The metrics of SDKs themselves: written by Documentation/Conventions/generate.py.

extension SemanticMetrics {
    /// The metrics `otel.*`.
    public enum OTel {
        /// How many spans were started, unsampled ones too. (Counter in `{span}`, development.)
        @inlinable public static var sdkSpanStarted: String { "otel.sdk.span.started" }

        /// How many recording spans have not ended. (Up-down counter in `{span}`, development.)
        @inlinable public static var sdkSpanLive: String { "otel.sdk.span.live" }

        /// How many spans wait in the queue of a processor. (Up-down counter in `{span}`, development.)
        @inlinable public static var sdkProcessorSpanQueueSize: String { "otel.sdk.processor.span.queue.size" }

        /// How many spans the queue of a processor holds. (Up-down counter in `{span}`, development.)
        @inlinable public static var sdkProcessorSpanQueueCapacity: String { "otel.sdk.processor.span.queue.capacity" }

        /// How many spans a processor passed on or dropped. (Counter in `{span}`, development.)
        @inlinable public static var sdkProcessorSpanProcessed: String { "otel.sdk.processor.span.processed" }

        /// How many spans an exporter is sending. (Up-down counter in `{span}`, development.)
        @inlinable public static var sdkExporterSpanInflight: String { "otel.sdk.exporter.span.inflight" }

        /// How many spans an exporter sent or failed to send. (Counter in `{span}`, development.)
        @inlinable public static var sdkExporterSpanExported: String { "otel.sdk.exporter.span.exported" }

        /// How many log records were given to enabled loggers. (Counter in `{log_record}`, development.)
        @inlinable public static var sdkLogCreated: String { "otel.sdk.log.created" }

        /// How many records wait in the queue of a processor. (Up-down counter in `{log_record}`, development.)
        @inlinable public static var sdkProcessorLogQueueSize: String { "otel.sdk.processor.log.queue.size" }

        /// How many records the queue of a processor holds. (Up-down counter in `{log_record}`, development.)
        @inlinable public static var sdkProcessorLogQueueCapacity: String { "otel.sdk.processor.log.queue.capacity" }

        /// How many records a processor passed on or dropped. (Counter in `{log_record}`, development.)
        @inlinable public static var sdkProcessorLogProcessed: String { "otel.sdk.processor.log.processed" }

        /// How many records an exporter is sending. (Up-down counter in `{log_record}`, development.)
        @inlinable public static var sdkExporterLogInflight: String { "otel.sdk.exporter.log.inflight" }

        /// How many records an exporter sent or failed to send. (Counter in `{log_record}`, development.)
        @inlinable public static var sdkExporterLogExported: String { "otel.sdk.exporter.log.exported" }

        /// How many data points an exporter is sending. (Up-down counter in `{data_point}`, development.)
        @inlinable public static var sdkExporterMetricDataPointInflight: String { "otel.sdk.exporter.metric_data_point.inflight" }

        /// How many data points an exporter sent or failed to send. (Counter in `{data_point}`, development.)
        @inlinable public static var sdkExporterMetricDataPointExported: String { "otel.sdk.exporter.metric_data_point.exported" }

        /// How long a collection of a reader takes. (Histogram in `s`, development.)
        @inlinable public static var sdkMetricReaderCollectionDuration: String { "otel.sdk.metric_reader.collection.duration" }

        /// How long an export takes, all its attempts together. (Histogram in `s`, development.)
        @inlinable public static var sdkExporterOperationDuration: String { "otel.sdk.exporter.operation.duration" }
    }
}
