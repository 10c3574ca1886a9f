// A pipeline that starts with telemetry.

import Synchronization

/// A pipeline that is made when telemetry starts, or at the first item: only then is its environment known.
final class LazyPipeline: Sendable {
    private let started = AtomicLazyReference<ExportPipeline>()
    private let starting = SectionLock()
    private let make: @Sendable (EnvironmentReader) -> ExportPipeline
    /// The setting of the processor that cannot be used, and whether it has been thrown or reported.
    private let problem: ConfigurationError?
    private let isProblemKnown = Atomic(false)

    /// - Parameters:
    ///   - options: the options of the processor in code, if there are any.
    ///   - exporterCount: how many exporters it was given.
    ///   - make: makes the pipeline, with the nearest valid options.
    init(
        _ options: BatchOptions?, exporterCount: Int = 1, _ make: @escaping @Sendable (EnvironmentReader) -> ExportPipeline
    ) {
        problem =
            exporterCount == 0
            ? ConfigurationError(setting: "exporters", value: "[]", expected: "at least one exporter") : options?.problem
        self.make = make
    }

    var pipeline: ExportPipeline { started.load() ?? startUnconfigured() }

    /// Configures the exporters, and makes the pipeline; only the first environment counts.
    ///
    /// - Throws: if a setting of the processor or of an exporter cannot be used.
    func start<Exporters: Sequence>(
        _ environment: EnvironmentReader, exporters: Exporters
    ) throws(ConfigurationError) where Exporters.Element: Sendable {
        if let problem {
            isProblemKnown.store(true, ordering: .relaxed)
            throw problem
        }
        try exporters.configure(environment)
        _ = start(environment)
    }

    /// Makes the pipeline of a processor that telemetry was not started with: there is no start to throw its problem.
    @inline(never)
    private func startUnconfigured() -> ExportPipeline {
        if let problem, !isProblemKnown.exchange(true, ordering: .relaxed) {
            Diagnostics.report(.error, "\(problem) The nearest valid value is used.")
        }
        return start(.process)
    }

    private func start(_ environment: EnvironmentReader) -> ExportPipeline {
        starting.withLock {
            // Under the lock, so that there are never two with a thread each.
            started.load() ?? started.storeIfNil(make(environment))
        }
    }
}
