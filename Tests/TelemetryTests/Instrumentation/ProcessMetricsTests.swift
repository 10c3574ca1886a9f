// Process metrics: instruments by the conventions, and values of this machine.

import Synchronization
import Testing

@testable import Telemetry

struct ProcessMetricsTests {
    private let reader = PullMetricReader()
    private let provider: MeterProvider
    private let meter: Meter
    private let clock = ManualClock()

    init() throws {
        provider = try MeterProvider(resource: .empty, readers: [reader], clock: .manual(clock))
        meter = provider.meter(InstrumentationScope(name: "process"))
    }

    /// Every value by name and attributes: `process.disk.io read`.
    private func values() throws -> [String: MetricNumber] {
        var values: [String: MetricNumber] = [:]
        for metric in try reader.collect().metrics {
            for point in metric.points.numbers {
                values[([metric.name] + point.attributes.map { $0.value.description }).joined(separator: " ")] = point.value
            }
        }
        return values
    }

    private static let statistics = {
        var statistics = ProcessStatistics()
        statistics.userSeconds = 1.5
        statistics.systemSeconds = 0.25
        statistics.residentBytes = 1 << 20
        statistics.virtualBytes = 1 << 30
        statistics.threadCount = 4
        statistics.openFileDescriptors = 7
        statistics.voluntaryContextSwitches = 100
        statistics.involuntaryContextSwitches = 9
        statistics.minorPageFaults = 1000
        statistics.majorPageFaults = 2
        statistics.diskReadBytes = 4096
        statistics.diskWrittenBytes = 8192
        return statistics
    }()

    @Test func processMetricsMatchTheConventions() throws {
        // Ten seconds before the clock's present.
        let statistics = {
            var statistics = Self.statistics
            statistics.startSeconds = 999_999_990
            return statistics
        }()
        ProcessMetrics.register(on: meter, clock: .manual(clock)) { statistics }
        clock.advance(by: .milliseconds(2500))
        let values = try values()
        let expected: [String: MetricNumber] = [
            "process.cpu.time user": .double(1.5), "process.cpu.time system": .double(0.25),
            "process.memory.usage": .int(1 << 20), "process.memory.virtual": .int(1 << 30),
            "process.disk.io read": .int(4096), "process.disk.io write": .int(8192), "process.thread.count": .int(4),
            "process.unix.file_descriptor.count": .int(7), "process.context_switches voluntary": .int(100),
            "process.context_switches involuntary": .int(9), "process.paging.faults minor": .int(1000),
            "process.paging.faults major": .int(2), "process.uptime": .double(12.5), "process.start_time": .double(999_999_990),
        ]
        #expect(values == expected)
        let metrics = try reader.collect().metrics
        #expect(
            metrics.map { "\($0.name) \($0.unit) \(Self.kind($0))" } == [
                "process.cpu.time s counter", "process.memory.usage By up-down", "process.memory.virtual By up-down",
                "process.disk.io By counter", "process.thread.count {thread} up-down",
                "process.unix.file_descriptor.count {file_descriptor} up-down", "process.context_switches {context_switch} counter",
                "process.paging.faults {fault} counter", "process.uptime s gauge", "process.start_time s gauge",
            ])
        #expect(metrics.allSatisfy { $0.description.hasSuffix(".") })
        let keys = Set(metrics.flatMap { $0.points.numbers.flatMap { $0.attributes.map(\.key) } })
        #expect(keys == ["cpu.mode", "disk.io.direction", "process.context_switch.type", "system.paging.fault.type"])
    }

    private static func kind(_ metric: MetricData) -> String {
        switch metric.points {
        case .gauge: "gauge"
        case .sum(_, _, isMonotonic: true): "counter"
        case .sum: "up-down"
        default: "other"
        }
    }

    @Test func unavailableValuesAreNotReported() throws {
        ProcessMetrics.register(on: meter, clock: .manual(clock)) {
            var statistics = ProcessStatistics()
            statistics.diskReadBytes = 1
            return statistics
        }
        #expect(try values() == ["process.disk.io read": .int(1)])
    }

    @Test func startTimeAheadOfTheClockGivesZeroUptime() throws {
        ProcessMetrics.register(on: meter, clock: .manual(clock)) {
            var statistics = ProcessStatistics()
            statistics.startSeconds = 1_000_000_100
            return statistics
        }
        #expect(try values()["process.uptime"] == .double(0))
        clock.advance(by: .seconds(2))
        #expect(try values()["process.uptime"] == .double(2))
    }

    @Test func processIsReadOncePerCollection() throws {
        let looks = Mutex(0)
        let registration = ProcessMetrics.register(on: meter, clock: .manual(clock)) {
            looks.withLock { $0 += 1 }
            return Self.statistics
        }
        #expect(looks.withLock { $0 } == 1)
        for _ in 0..<3 { _ = try reader.collect() }
        #expect(looks.withLock { $0 } == 4)
        registration.unregister()
        #expect(try values().isEmpty)
        #expect(looks.withLock { $0 } == 4)
    }

    @Test func valuesOfThisProcessArePlausible() throws {
        ProcessMetrics.register(on: meter)
        let first = try values()
        // Something to do between two looks.
        var sum = 0.0
        for index in 0..<3_000_000 { sum += Double(index).squareRoot() }
        #expect(sum > 0)
        let second = try values()
        func number(_ name: String, _ values: [String: MetricNumber]) -> Double { values[name]?.doubleValue ?? -1 }
        for name in [
            "process.cpu.time user", "process.cpu.time system", "process.context_switches voluntary", "process.paging.faults minor",
            "process.uptime",
        ] {
            #expect(number(name, first) >= 0, "\(name)")
            #expect(number(name, second) >= number(name, first), "\(name)")
        }
        #expect(number("process.cpu.time user", second) > number("process.cpu.time user", first))
        #expect(number("process.uptime", second) > number("process.uptime", first))
        #expect(number("process.memory.usage", first) > 1_000_000)
        #expect(number("process.memory.virtual", first) > number("process.memory.usage", first))
        #expect(number("process.thread.count", first) >= 1)
        #expect(number("process.unix.file_descriptor.count", first) >= 3)
        let start = Double(try #require(ProcessInformation.startSeconds))
        #expect(abs(number("process.start_time", first) - start) < 2)
    }
}
