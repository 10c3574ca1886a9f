// The statistics of this process, and the parsers of `/proc`.

import Testing

#if canImport(Glibc)
    import Glibc
#endif

@testable import Telemetry

@Suite(.serialized) struct ProcessStatisticsTests {
    private static let host = ProcessStatistics.Host(pageSize: 4096, ticksPerSecond: 100, bootSeconds: 1_700_000_000.5)
    private static let numbers =
        "S 1 42 42 0 -1 4194304 1200 0 7 0 150 30 0 0 20 0 9 0 12345 987654144 2500 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 0 17 1"
    private static let io = "rchar: 100\nwchar: 200\nsyscr: 3\nsyscw: 4\nread_bytes: 8192\nwrite_bytes: 4096\ncancelled_write_bytes: 0\n"

    @Test func statLineIsParsedForAnyProcessName() {
        for name in ["(swift)", "(a b)", "(a) S 1 (b)", "())", "(\u{e9})"] {
            var statistics = ProcessStatistics()
            statistics.take(status: "42 \(name) \(Self.numbers)\n", host: Self.host)
            #expect(statistics.threadCount == 9)
            #expect(statistics.startSeconds == 1_700_000_123.95)
            #expect(statistics.virtualBytes == 987_654_144)
            #expect(statistics.residentBytes == 2500 * 4096)
        }
    }

    @Test func diskBytesAreParsedByName() {
        var statistics = ProcessStatistics()
        statistics.take(inputOutput: Self.io)
        #expect(statistics.diskReadBytes == 8192)
        #expect(statistics.diskWrittenBytes == 4096)
    }

    @Test func missingFieldsStayNil() {
        var statistics = ProcessStatistics()
        for text in ["", "42", "42 (a", "42 (a)", "42 (a) S 1 2", "(\n)"] {
            statistics.take(status: text, host: Self.host)
            statistics.take(inputOutput: text)
        }
        statistics.take(inputOutput: "read_bytes: x\nwrite_bytes: -1\nread_bytes\n:\n")
        #expect(statistics == ProcessStatistics())
        statistics.take(status: "42 (a) \(Self.numbers)", host: .init(pageSize: .max, ticksPerSecond: 1, bootSeconds: nil))
        #expect(statistics.startSeconds == nil)
        #expect(statistics.residentBytes == nil)
        #expect(statistics.threadCount == 9)
    }

    @Test func randomTextNeverTraps() {
        var generator = SplitMix64(seed: 12)
        for _ in 0..<2_000 {
            var bytes = Array((Bool.random(using: &generator) ? "42 (swift) \(Self.numbers)\n" : Self.io).utf8)
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                if Bool.random(using: &generator) { bytes[place] = UInt8.random(in: 0...255, using: &generator) }
                if bytes.count > 1 && Int.random(in: 0..<4, using: &generator) == 0 { bytes.removeSubrange(place...) }
                if bytes.isEmpty { bytes = [UInt8(ascii: ")")] }
            }
            var statistics = ProcessStatistics()
            statistics.take(status: String(decoding: bytes, as: UTF8.self), host: Self.host)
            statistics.take(inputOutput: String(decoding: bytes, as: UTF8.self))
            #expect((statistics.threadCount ?? 0) >= 0 && (statistics.residentBytes ?? 0) >= 0)
        }
    }

    #if os(Linux)
        @Test func currentProcessHasPlausibleStatistics() throws {
            let statistics = ProcessStatistics.current
            #expect(try #require(statistics.threadCount) >= 1)
            #expect(try #require(statistics.residentBytes) > 1 << 20)
            #expect(try #require(statistics.virtualBytes) > #require(statistics.residentBytes))
            #expect(try #require(statistics.minorPageFaults) > 0)
            #expect(try #require(statistics.majorPageFaults) >= 0)
            #expect(try #require(statistics.voluntaryContextSwitches) >= 0)
            #expect(try #require(statistics.involuntaryContextSwitches) >= 0)
            #expect((statistics.diskReadBytes ?? 0) >= 0)
            // The other source has whole seconds of another clock.
            let start = try #require(statistics.startSeconds)
            #expect(try (start - Double(#require(ProcessInformation.startSeconds))).magnitude < 3)
            #expect(ProcessStatistics.current.startSeconds == start)
        }

        @Test func processorTimeGrowsWithWork() throws {
            let before = try #require(ProcessStatistics.current.userSeconds) + #require(ProcessStatistics.current.systemSeconds)
            // Bounded by processor time that is used: this ends on a host of any speed.
            var after = before
            while after - before < 0.05 {
                let statistics = ProcessStatistics.current
                after = try #require(statistics.userSeconds) + #require(statistics.systemSeconds)
            }
            #expect(after > before)
        }

        @Test func openFileDescriptorsAreCounted() throws {
            let before = try #require(ProcessStatistics.current.openFileDescriptors)
            // Far more than other tests open and close at the same time.
            let opened = (0..<100).map { _ in dup(0) }.filter { $0 >= 0 }
            let between = try #require(ProcessStatistics.current.openFileDescriptors)
            for descriptor in opened { close(descriptor) }
            let after = try #require(ProcessStatistics.current.openFileDescriptors)
            #expect(opened.count == 100)
            #expect((50...150).contains(between - before))
            #expect((50...150).contains(between - after))
        }
    #endif
}
