// A processor for tests that look at spans as they end, whether they are sampled or not.

import Synchronization

@testable import Telemetry

final class EndedSpans: SpanProcessor {
    private let ended = Mutex<[ReadableSpan]>([])

    var spans: [ReadableSpan] { ended.withLock { $0 } }

    func onEnd(_ span: ReadableSpan) { ended.withLock { $0.append(span) } }
}
