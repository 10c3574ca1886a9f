// Where an observer sees what a system exports.

/// The places of a system where what it exports passes.
struct ExportSources: Sendable {
    let spans: EventObserver<ItemBatch>?
    let metrics: EventObserver<MetricBatch>?
    let logs: EventObserver<ItemBatch>?
}
