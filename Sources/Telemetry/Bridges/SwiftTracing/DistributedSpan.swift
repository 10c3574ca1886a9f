// The span of swift-distributed-tracing: a handle of ours with the operations of that package.

#if SwiftTracing

    public import ServiceContextModule
    public import Tracing

    /// A span that was started by way of swift-distributed-tracing. Copies are handles of the same span.
    public struct DistributedSpan: Tracing.Span {
        /// The same span for our own API.
        public let span: TraceSpan
        /// What children of the span are started with.
        public let context: ServiceContext
        private let firstName: String

        init(_ span: TraceSpan, name: String = "", context: ServiceContext) {
            self.span = span
            self.context = context
            firstName = name
        }

        /// Whether what is recorded now is kept.
        public var isRecording: Bool { span.isRecording }

        /// The name of the span. Samplers have seen only the first one.
        public var operationName: String {
            get { span.recorder?.read { $0.name } ?? firstName }
            nonmutating set { span.updateName(newValue) }
        }

        /// The attributes of the span. What is set is added to those that are there: OpenTelemetry knows no way to take one back.
        public var attributes: SpanAttributes {
            get { SpanAttributes(span.attributes) }
            nonmutating set {
                guard isRecording else { return }
                record(newValue, where: span.attributes)
            }
            // A change in place writes what it has changed and no more: what other threads set meanwhile stays.
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

        /// Says how the operation ended. An error without a message keeps the message of one that was set before.
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

        /// Adds something that happened.
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

        /// Adds a link to the span that a context holds; one that holds no span is a link to nowhere, and left out.
        public func addLink(_ link: Tracing.SpanLink) {
            span.addLink(link.context.telemetryContext.spanContext, Attributes(link.attributes))
        }

        /// Ends the span. Only the first call counts.
        public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
            guard isRecording else { return }
            span.end(at: own(Timestamp(instant())))
        }

        /// A time of the package as the times of the span are made. The package always gives one, most often the wall clock read just now,
        /// which may have been set since the span started.
        private func own(_ time: Timestamp) -> Timestamp {
            guard let recorder = span.recorder else { return time }
            return Timestamp(nanosecondsSinceEpoch: recorder.ownNanoseconds(ofReading: time.nanosecondsSinceEpoch))
        }
    }

#endif
