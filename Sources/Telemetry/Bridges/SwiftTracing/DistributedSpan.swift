// Adapts spans to the protocol of swift-distributed-tracing.

#if SwiftTracing

    public import ServiceContextModule
    public import Tracing

    /// A span started through swift-distributed-tracing. Copies are handles of the same span.
    public struct DistributedSpan: Tracing.Span {
        /// The same span in the API of Telemetry.
        public let span: TraceSpan
        /// The context for children of the span.
        public let context: ServiceContext
        private let firstName: String

        init(_ span: TraceSpan, name: String = "", context: ServiceContext) {
            self.span = span
            self.context = context
            firstName = name
        }

        /// Whether the span is recording.
        public var isRecording: Bool { span.isRecording }

        /// The name of the span. Samplers see only the initial one.
        public var operationName: String {
            get { span.recorder?.read { $0.name } ?? firstName }
            nonmutating set { span.updateName(newValue) }
        }

        /// The attributes of the span. Setting them adds to the existing ones: OpenTelemetry cannot remove an attribute.
        public var attributes: SpanAttributes {
            get { SpanAttributes(span.attributes) }
            nonmutating set {
                guard isRecording else { return }
                record(newValue, where: span.attributes)
            }
            // A change in place writes only changed attributes, so that concurrent changes are kept.
            nonmutating _modify {
                let before = span.attributes
                var after = SpanAttributes(before)
                yield &after
                record(after, where: before)
            }
        }

        /// Records those attributes that are new or have changed.
        private func record(_ attributes: SpanAttributes, where known: Attributes) {
            span.setAttributes(Attributes(Attributes(attributes).filter { known[$0.key] != $0.value }))
        }

        /// Sets the status. An error without a message keeps the message of an earlier error.
        ///
        /// `withSpan` of the package sets such a status when an error leaves it.
        public func setStatus(_ status: Tracing.SpanStatus) {
            switch status.code {
            case .ok: span.setStatus(.ok)
            case .error:
                guard let message = status.message else {
                    if span.recorder?.read({ $0.statusMessage.isEmpty }) == true { span.setStatus(.error()) }
                    return
                }
                span.setStatus(.error(message))
            }
        }

        /// Adds an event.
        public func addEvent(_ event: Tracing.SpanEvent) {
            span.addEvent(
                event.name, Attributes(event.attributes), at: own(Timestamp(nanosecondsSinceEpoch: event.nanosecondsSinceEpoch)))
        }

        /// Adds an event `exception` that describes an error; attributes given here beat the generated ones.
        public func recordError<Instant: TracerInstant>(
            _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
        ) {
            guard isRecording else { return }
            span.recordException(error, Attributes(attributes), at: own(Timestamp(instant())))
        }

        /// Adds a link to the span that a context holds; a context without a span is ignored.
        public func addLink(_ link: Tracing.SpanLink) {
            span.addLink(link.context.telemetryContext.spanContext, Attributes(link.attributes))
        }

        /// Ends the span. Only the first call has an effect.
        public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
            guard isRecording else { return }
            span.end(at: own(Timestamp(instant())))
        }

        /// Converts a time of the package to the clock of the span. The package always passes one, usually the current wall time,
        /// which may have been set since the span started.
        private func own(_ time: Timestamp) -> Timestamp {
            guard let recorder = span.recorder else { return time }
            return Timestamp(nanosecondsSinceEpoch: recorder.ownNanoseconds(ofReading: time.nanosecondsSinceEpoch))
        }
    }

#endif
