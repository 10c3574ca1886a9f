// A pipeline that starts with telemetry.

import Synchronization

/// A pipeline that is made when telemetry starts, or at the first item: only then is its environment known.
final class LazyPipeline: Sendable {
    private let started = AtomicLazyReference<ExportPipeline>()
    private let starting = SectionLock()
    private let make: @Sendable (EnvironmentReader) -> ExportPipeline

    init(_ make: @escaping @Sendable (EnvironmentReader) -> ExportPipeline) {
        self.make = make
    }

    var pipeline: ExportPipeline { started.load() ?? start(.process) }

    /// Makes the pipeline; only the first environment counts.
    @inline(never)
    func start(_ environment: EnvironmentReader) -> ExportPipeline {
        starting.withLock {
            // Under the lock, so that there are never two with a thread each.
            started.load() ?? started.storeIfNil(make(environment))
        }
    }
}
