// Gives the current span to log handlers of others.

#if SwiftLog
    public import Logging

    extension Logger.MetadataProvider {
        /// Gives the current span to handlers of others, as `trace_id`, `span_id` and `trace_flags`.
        ///
        /// A ``SwiftLogHandler`` needs none: its records carry the span by themselves.
        public static var telemetry: Self { telemetry() }

        /// Gives the current span to handlers of others, under keys of your choice; nil leaves one out.
        ///
        /// Outside of a span there is nothing. (Specification: compatibility, "Trace Context in non-OTLP Log Formats".)
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

        /// Two digits, as in `traceparent`.
        private static func text(_ flags: TraceFlags) -> String {
            (flags.rawValue < 0x10 ? "0" : "") + String(flags.rawValue, radix: 16)
        }
    }
#endif
