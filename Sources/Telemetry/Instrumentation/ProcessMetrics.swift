// The process metrics of the semantic conventions.

/// The resources that the process uses, as the metrics `process.*` of the semantic conventions.
///
/// The metrics are opt-in:
///
/// ```swift
/// ProcessMetrics.register(on: telemetry.meter("process"))
/// ```
///
/// Values that the operating system does not provide are not reported. (Semantic conventions: process metrics.)
public enum ProcessMetrics {
    /// Registers the metrics, which read the process once per collection until the registration ends.
    ///
    /// The metrics are `process.cpu.time`, `process.memory.usage`, `process.memory.virtual`, `process.disk.io`, `process.thread.count`,
    /// `process.unix.file_descriptor.count`, `process.context_switches`, `process.paging.faults` and `process.uptime`; and
    /// `process.start_time`, in seconds since 1970, which is no metric of the conventions but is used by many dashboards for Prometheus.
    @discardableResult
    public static func register(on meter: Meter) -> CallbackRegistration {
        register(on: meter, clock: .system) { .current }
    }

    @discardableResult
    static func register(
        on meter: Meter, clock: TelemetryClock, statistics: @escaping @Sendable () -> ProcessStatistics
    ) -> CallbackRegistration {
        let instruments = ProcessInstruments(meter)
        // The age at registration; time from then on is monotonic, so setting the host's clock has no effect.
        let processStart = statistics().startSeconds
        let age = processStart.map { max(0, Double(clock.wallNanoseconds()) / 1e9 - $0) }
        let registeredAt = clock.monotonicNanoseconds()
        return meter.registerCallback(
            observing: instruments.processorTime, instruments.memoryUsage, instruments.virtualMemory, instruments.diskTraffic,
            instruments.threadCount, instruments.fileDescriptorCount, instruments.contextSwitches, instruments.pagingFaults,
            instruments.uptime, instruments.startTime
        ) { observations in
            instruments.observe(statistics(), observations)
            if let age {
                observations.observe(instruments.uptime, age + Double(clock.monotonicNanoseconds() &- registeredAt) / 1e9)
            }
            if let processStart { observations.observe(instruments.startTime, processStart) }
        }
    }
}

/// The instruments and their observations.
private struct ProcessInstruments: Sendable {
    let processorTime: ObservableInstrument<Double>
    let memoryUsage: ObservableInstrument<Int>
    let virtualMemory: ObservableInstrument<Int>
    let diskTraffic: ObservableInstrument<Int>
    let threadCount: ObservableInstrument<Int>
    let fileDescriptorCount: ObservableInstrument<Int>
    let contextSwitches: ObservableInstrument<Int>
    let pagingFaults: ObservableInstrument<Int>
    let uptime: ObservableInstrument<Double>
    let startTime: ObservableInstrument<Double>

    init(_ meter: Meter) {
        processorTime = meter.observableCounter(
            SemanticMetrics.Process.cpuTime, of: Double.self, unit: "s",
            description: "Total CPU seconds broken down by different CPU modes.")
        memoryUsage = meter.observableUpDownCounter(
            SemanticMetrics.Process.memoryUsage, unit: "By", description: "The amount of physical memory in use.")
        virtualMemory = meter.observableUpDownCounter(
            SemanticMetrics.Process.memoryVirtual, unit: "By", description: "The amount of committed virtual memory.")
        diskTraffic = meter.observableCounter(SemanticMetrics.Process.diskIO, unit: "By", description: "Disk bytes transferred.")
        threadCount = meter.observableUpDownCounter(
            SemanticMetrics.Process.threadCount, unit: "{thread}", description: "Process threads count.")
        fileDescriptorCount = meter.observableUpDownCounter(
            SemanticMetrics.Process.unixFileDescriptorCount, unit: "{file_descriptor}",
            description: "Number of unix file descriptors in use by the process.")
        contextSwitches = meter.observableCounter(
            SemanticMetrics.Process.contextSwitches, unit: "{context_switch}",
            description: "Number of times the process has been context switched.")
        pagingFaults = meter.observableCounter(
            SemanticMetrics.Process.pagingFaults, unit: "{fault}", description: "Number of page faults the process has made.")
        uptime = meter.observableGauge(
            SemanticMetrics.Process.uptime, of: Double.self, unit: "s", description: "The time the process has been running.")
        startTime = meter.observableGauge(
            "process.start_time", of: Double.self, unit: "s", description: "When the process was started, in seconds since 1970.")
    }

    func observe(_ statistics: ProcessStatistics, _ observations: MetricObservations) {
        func report<Value>(_ instrument: ObservableInstrument<Value>, _ value: Value?, _ attributes: Attributes = [:]) {
            if let value { observations.observe(instrument, value, attributes) }
        }
        report(processorTime, statistics.userSeconds, [SemanticAttributes.CPU.mode: "user"])
        report(processorTime, statistics.systemSeconds, [SemanticAttributes.CPU.mode: "system"])
        report(memoryUsage, statistics.residentBytes)
        report(virtualMemory, statistics.virtualBytes)
        report(diskTraffic, statistics.diskReadBytes, [SemanticAttributes.Disk.ioDirection: "read"])
        report(diskTraffic, statistics.diskWrittenBytes, [SemanticAttributes.Disk.ioDirection: "write"])
        report(threadCount, statistics.threadCount)
        report(fileDescriptorCount, statistics.openFileDescriptors)
        report(contextSwitches, statistics.voluntaryContextSwitches, [SemanticAttributes.Process.contextSwitchType: "voluntary"])
        report(contextSwitches, statistics.involuntaryContextSwitches, [SemanticAttributes.Process.contextSwitchType: "involuntary"])
        report(pagingFaults, statistics.minorPageFaults, [SemanticAttributes.System.pagingFaultType: "minor"])
        report(pagingFaults, statistics.majorPageFaults, [SemanticAttributes.System.pagingFaultType: "major"])
    }
}
