// The metadata provider for handlers of other packages.

#if SwiftLog
    public import Logging

    extension Logger.MetadataProvider {
        /// Provides the current span to other log handlers, as `trace_id`, `span_id` and `trace_flags`.
        ///
        /// A ``SwiftLogHandler`` does not need it: its records have the span as fields.
        public static var telemetry: Self { telemetry() }

        /// Provides the current span to other log handlers under the given keys; nil omits a key.
        ///
        /// Outside of a span the metadata is empty. (Specification: compatibility, "Trace Context in non-OTLP Log Formats".)
        public static func telemetry(
            traceIDKey: String? = "trace_id", spanIDKey: String? = "span_id", traceFlagsKey: String? = "trace_flags"
        ) -> Self {
            Self {
                let span = Context.current.spanContext
                guard span.isValid else { return [:] }
                var metadata: Logger.Metadata = [:]
                metadata.reserveCapacity(3)
                if let traceIDKey { metadata[traceIDKey] = .string("\(span.traceID)") }
                if let spanIDKey { metadata[spanIDKey] = .string("\(span.spanID)") }
                if let traceFlagsKey { metadata[traceFlagsKey] = .string(Self.text(span.flags)) }
                return metadata
            }
        }

        /// Returns two digits, as in `traceparent`.
        private static func text(_ flags: TraceFlags) -> String {
            (flags.rawValue < 0x10 ? "0" : "") + String(flags.rawValue, radix: 16)
        }
    }
#endif
