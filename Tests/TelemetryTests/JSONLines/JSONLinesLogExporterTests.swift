// JSON lines in files and on full or closed pipes, with counts of dropped records.

import Foundation
import Testing

@testable import Telemetry

struct JSONLinesLogExporterTests {
    private let directory: TemporaryDirectory
    private let path: String
    private let format: JSONLineFormat = [.body("m")]
    private static let moment = Duration.milliseconds(250)

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.path + "/app.jsonl"
    }

    private func text(_ name: String = "app.jsonl") throws -> String { String(decoding: try directory.bytes(of: name), as: UTF8.self) }

    /// - Parameter time: short only where the pipe is full.
    private func export(
        _ bodies: [AttributeValue], with exporter: JSONLinesLogExporter, within time: Duration = .seconds(60)
    ) async throws(ExportFailure) {
        try await exporter.export(LogLines.batch(bodies.map { LogLines.record($0) }), deadline: .after(time))
    }

    /// A named pipe, and its end for reading: small pipes have 64 KiB.
    private func pipe() throws -> Int32 {
        try #require(mkfifo(path, 0o600) == 0)
        let reading = open(path, O_RDONLY | O_NONBLOCK)
        try #require(reading >= 0)
        return reading
    }

    private func read(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var all: [UInt8] = []
        while case let count = Foundation.read(descriptor, &bytes, bytes.count), count > 0 { all += bytes[..<count] }
        return String(decoding: all, as: UTF8.self)
    }

    @Test func emittedRecordsAreWrittenAsLines() async throws {
        let exporter = JSONLinesLogExporter(.file(path), format: .flat)
        let provider = LoggerProvider(
            resource: Resource(attributes: ["service.name": "albums"], schemaURL: ""),
            processors: [SimpleLogProcessor(exporter)])
        let log = provider.logger(InstrumentationScope(name: "store"))
        log.emit(
            LogRecord(
                "album created", severity: .info, timestamp: Timestamp(nanosecondsSinceEpoch: LogLines.time), attributes: ["album.id": 42]))
        log.emit(LogRecord(["list": [1, .empty]], severity: .error2, timestamp: Timestamp(nanosecondsSinceEpoch: LogLines.time)))
        #expect(await provider.forceFlush(deadline: .after(.patience)) == .completed)
        #expect(
            try text()
                == #"{"level":"info","time":"2026-11-21T04:06:00.012Z","message":"album created","service":"albums","album.id":42}"# + "\n"
                + #"{"level":"error","time":"2026-11-21T04:06:00.012Z","message":{"list":[1,null]},"service":"albums"}"# + "\n")
        #expect(provider.health.map(\.destination) == [path] && provider.health.map(\.exported) == [2])
        _ = await provider.shutdown(deadline: .after(.patience))
    }

    @Test func fileIsAppendedAndRotated() async throws {
        let exporter = JSONLinesLogExporter(.file(path, rotation: FileRotation(maximumSize: 20, maximumFiles: 2)), format: format)
        try exporter.configure(EnvironmentReader([:]))
        for number in 1...5 { try await export([.int(Int64(number)), "x"], with: exporter) }
        #expect(directory.files == ["app.jsonl", "app.jsonl.1"])
        #expect(try text() == "{\"m\":5}\n{\"m\":\"x\"}\n" && text("app.jsonl.1") == "{\"m\":4}\n{\"m\":\"x\"}\n")
        #expect(try directory.permissions(of: "app.jsonl") == 0o600, "Records may be confidential.")
    }

    @Test func unfinishedLineOfEarlierProcessIsTerminatedFirst() async throws {
        try directory.write(Array("{\"m\":1}\n{\"m".utf8), to: "app.jsonl")
        let exporter = JSONLinesLogExporter(.file(path), format: format)
        try exporter.configure(EnvironmentReader([:]))
        try await export([2], with: exporter)
        try await export([3], with: exporter)
        #expect(try text() == "{\"m\":1}\n{\"m\n{\"m\":2}\n{\"m\":3}\n")
    }

    @Test func unreadPipeDropsAndCountsTheRestOfTheBatch() async throws {
        let reading = try pipe()
        defer { close(reading) }
        let exporter = JSONLinesLogExporter(.file(path, rotation: nil), format: format)
        let body = AttributeValue.string(String(repeating: "x", count: 991))
        let failure = await #expect(throws: ExportFailure.self) {
            try await export(Array(repeating: body, count: 200), with: exporter, within: Self.moment)
        }
        let taken = read(reading)
        #expect(taken.utf8.count % 1000 == 0 && taken.hasSuffix("\n"), "Lines are written completely or not at all.")
        let count = taken.utf8.count / 1000
        #expect(count > 10)
        #expect(
            failure == .partiallyRejected(count: 200 - count, reason: "\(path) cannot be written to: it took longer than its timeout"))
        try await export([1], with: exporter)
        #expect(read(reading) == "{\"m\":1}\n")
    }

    @Test func partialLineIsTerminatedBeforeTheNext() async throws {
        let reading = try pipe()
        defer { close(reading) }
        let exporter = JSONLinesLogExporter(.file(path, rotation: nil), format: format)
        let long = AttributeValue.string(String(repeating: "x", count: 1 << 20))
        await #expect(throws: ExportFailure.timedOut()) { try await export([long, 1], with: exporter, within: Self.moment) }
        await #expect(throws: ExportFailure.timedOut(), "It is still full.") { try await export([2], with: exporter, within: Self.moment) }
        let begun = read(reading)
        #expect(begun.hasPrefix("{\"m\":\"xxx") && !begun.contains("\n"))
        try await export([3], with: exporter)
        try await export([4], with: exporter)
        #expect(read(reading) == "\n{\"m\":3}\n{\"m\":4}\n")
    }

    @Test func endOfEarlierLineIsNotCountedAsADeliveredRecord() async throws {
        let reading = try pipe()
        defer { close(reading) }
        let exporter = JSONLinesLogExporter(.file(path, rotation: nil), format: format)
        let long = AttributeValue.string(String(repeating: "x", count: 1 << 20))
        await #expect(throws: ExportFailure.timedOut()) { try await export([long], with: exporter, within: Self.moment) }
        _ = read(reading)
        let body = AttributeValue.string(String(repeating: "x", count: 991))
        let failure = await #expect(throws: ExportFailure.self) {
            try await export(Array(repeating: body, count: 200), with: exporter, within: Self.moment)
        }
        let taken = read(reading)
        let count = taken.utf8.count { $0 == UInt8(ascii: "\n") } - 1
        #expect(taken.hasPrefix("\n{") && count > 10)
        #expect(
            failure == .partiallyRejected(count: 200 - count, reason: "\(path) cannot be written to: it took longer than its timeout"))
    }

    @Test func linesOfEarlierWritesOfABatchCountAsDelivered() async throws {
        let reading = try pipe()
        let exporter = JSONLinesLogExporter(.file(path, rotation: nil), format: format)
        // Lines of 10,000 bytes, 105 of which are written at a time.
        let records = (0..<300).map { _ in LogLines.record(.string(String(repeating: "x", count: 9_992))) }
        async let outcome = Self.failure(of: exporter, records)
        var size = 0
        let hasSecondWriteBegun = await eventually {
            size += read(reading).utf8.count
            return size >= 1_100_000
        }
        close(reading)
        guard case .partiallyRejected(let count, _) = await outcome else {
            Issue.record("Part of the batch was written.")
            return
        }
        #expect(hasSecondWriteBegun && count <= 300 - 105)
    }

    private static func failure(of exporter: JSONLinesLogExporter, _ records: [[UInt8]]) async -> ExportFailure? {
        do throws(ExportFailure) {
            try await exporter.export(LogLines.batch(records), deadline: .after(.seconds(60)))
            return nil
        } catch { return error }
    }

    @Test func unreadPipeDoesNotBlockCallersAndDropsAreCounted() async throws {
        let reading = try pipe()
        defer { close(reading) }
        let exporter = JSONLinesLogExporter(.file(path, rotation: nil), format: format)
        let provider = LoggerProvider(
            resource: Resource(attributes: [:], schemaURL: ""),
            processors: [SimpleLogProcessor(exporter, maxQueueSize: 600, exportTimeout: Self.moment)])
        let log = provider.logger(InstrumentationScope(name: "store"))
        for _ in 0..<5_000 { log.emit(LogRecord(.string(String(repeating: "x", count: 100)))) }
        #expect(await provider.shutdown(deadline: .after(.patience)) != .completed)
        let health = try #require(provider.health.first)
        let lines = read(reading).split(separator: "\n").count
        #expect(health.exported == lines && lines > 0)
        #expect(Int(health.exported) + health.dropped.values.reduce(0) { $0 + Int($1) } == 5_000)
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "The system has a full device."))
    func recordsOnFullDiskAreDroppedAndLaterOnesWritten() async throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/full")
        let exporter = JSONLinesLogExporter(.file(path), format: format)
        await #expect(throws: ExportFailure.rejected(reason: "\(path) cannot be written to: No space left on device")) {
            try await export([1, 2], with: exporter)
        }
        try FileManager.default.removeItem(atPath: path)
        try await export([3], with: exporter)
        #expect(try text() == "{\"m\":3}\n")
    }

    @Test func unusableFileIsConfigurationErrorAtStart() async throws {
        for path in ["/no/such/folder/app.jsonl", "/", ""] {
            #expect(throws: ConfigurationError.self) { try JSONLinesLogExporter(.file(path)).configure(EnvironmentReader([:])) }
        }
        let rotation = FileRotation(maximumSize: 0, maximumFiles: 3)
        #expect(
            throws: ConfigurationError(
                setting: "rotation", value: "3 files of 0 bytes", expected: "from 1 to 1000 files of at least one byte")
        ) {
            try JSONLinesLogExporter(.file(path, rotation: rotation)).configure(EnvironmentReader([:]))
        }
        #expect(throws: ConfigurationError.self) {
            try JSONLinesLogExporter(.standardOutput, format: [.body("a"), .time("a")]).configure(EnvironmentReader([:]))
        }
        #expect(directory.files.isEmpty)
    }

    @Test func largeBatchIsWrittenInBoundedParts() async throws {
        let exporter = JSONLinesLogExporter(.file(path), format: format)
        let body = AttributeValue.string(String(repeating: "\n", count: 100_000))
        // Two parts of more than a megabyte, and one that is smaller.
        try await export(Array(repeating: body, count: 14), with: exporter)
        #expect(try text().split(separator: "\n").map(\.utf8.count) == Array(repeating: 200_008, count: 14))
    }

    @Test func recordsAfterShutdownAreNotWritten() async throws {
        let exporter = JSONLinesLogExporter(.file(path))
        #expect(await exporter.shutdown(deadline: .never) == .completed)
        await #expect(throws: ExportFailure.shutDown) { try await export([1], with: exporter) }
        #expect(directory.files.isEmpty)
    }

    @Test func targetsAreStaticMembers() {
        let exporters: [any LogExporter] = [
            .jsonLines(.standardOutput), .jsonLines(.standardError, format: .flat), .jsonLines(.file(path), format: .pythonLogging),
        ]
        #expect(
            exporters.compactMap { ($0 as? any ReportingExporter)?.destinationName } == ["standard output", "standard error", path])
    }
}
