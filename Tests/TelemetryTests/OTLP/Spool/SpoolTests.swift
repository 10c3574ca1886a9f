// Batches on disk: order, limits, recovery, and damage.

import Foundation
import Testing

@testable import Telemetry

/// Storing and taking of texts as batches.
extension Spool {
    @discardableResult
    func store(_ text: String, items: Int = 1) -> Bool {
        Array(text.utf8).withUnsafeBytes { bytes in
            // A batch has several pieces.
            let cut = bytes.count / 2
            return store(
                [UnsafeRawBufferPointer(rebasing: bytes[..<cut]), UnsafeRawBufferPointer(rebasing: bytes[cut...])], itemCount: items)
        }
    }

    /// Takes all batches as delivered; returns their texts.
    func drain() -> [String] {
        var texts: [String] = []
        while let entry = takeOldest() {
            guard case .request(let bytes, let range) = read(entry) else { continue }
            texts.append(String(decoding: bytes[range], as: UTF8.self))
            finish(entry, .delivered(rejected: 0))
        }
        return texts
    }
}

struct SpoolTests {
    private static let name = "traces-here-00000000"

    private static func open(
        _ root: TemporaryDirectory, clock: TelemetryClock = .system, bytes: Int = 1 << 20, age: Duration = .seconds(3600),
        synchronization: SpoolOptions.Synchronization = .never
    ) throws -> Spool {
        let options = SpoolOptions(
            directory: root.path + "/spool", maximumBytes: bytes, maximumAge: age, synchronization: synchronization)
        return try Spool(options, name: name, clock: clock)
    }

    private static func batches(_ root: TemporaryDirectory) -> [String] { root.files.filter { $0.hasSuffix(".batch") } }

    @Test(arguments: [.everyBatch, .interval(.milliseconds(1)), .never] as [SpoolOptions.Synchronization])
    func storedBatchesAreTakenInOrder(synchronization: SpoolOptions.Synchronization) throws {
        let root = try TemporaryDirectory()
        let spool = try Self.open(root, synchronization: synchronization)
        #expect(spool.isEmpty)
        let texts = (0..<50).map { "batch \($0)" }
        for text in texts { #expect(spool.store(text, items: 2)) }
        #expect(!spool.isEmpty)
        #expect(Self.batches(root).count == 50)
        spool.maintain()
        #expect(spool.drain() == texts)
        #expect(spool.isEmpty && Self.batches(root).isEmpty)
        #expect(spool.counts.own == SpoolCounts.Tally(stored: 100, delivered: 100))
        spool.close()
        #expect(!spool.store("too late"))
        #expect(spool.counts.refused == 1)
    }

    @Test func synchronizationIsDueFromTheFirstChangeUntilItIsDone() throws {
        let root = try TemporaryDirectory()
        let spool = try Self.open(root, synchronization: .interval(.nanoseconds(1)))
        #expect(spool.synchronizationDue == .never)
        spool.store("batch")
        #expect(spool.synchronizationDue != .never)
        spool.maintain()
        #expect(spool.synchronizationDue == .never)
        #expect(spool.drain() == ["batch"])
        #expect(spool.synchronizationDue != .never, "That a file was removed is due as well.")
    }

    @Test func nextOwnerRecoversBatchesInOrder() throws {
        let root = try TemporaryDirectory()
        let first = try Self.open(root)
        for index in 0..<20 { first.store("\(index)", items: 3) }
        first.close()
        let second = try Self.open(root)
        #expect(second.path == first.path)
        #expect(second.counts.recovered == SpoolCounts.Tally(stored: 60, waiting: 60))
        second.store("20")
        #expect(second.counts.own == SpoolCounts.Tally(stored: 1, waiting: 1))
        #expect(second.drain() == (0...20).map { "\($0)" })
        #expect(second.counts.recovered.isBalanced && second.counts.own.isBalanced)
    }

    @Test func clockSetBackBetweenOwnersKeepsOrder() throws {
        let root = try TemporaryDirectory()
        let first = try Self.open(
            root, clock: .manual(ManualClock(startingAt: Timestamp(nanosecondsSinceEpoch: 2_000_000_000_000_000_000))))
        first.store("1")
        first.close()
        let second = try Self.open(root, clock: .manual(ManualClock()))
        second.store("2")
        #expect(second.drain() == ["1", "2"])
    }

    @Test func concurrentOwnersHaveSeparateDirectories() throws {
        let root = try TemporaryDirectory()
        let (first, second) = (try Self.open(root), try Self.open(root))
        #expect(first.path != second.path)
        first.store("first")
        second.store("second")
        second.adoptAbandoned()
        #expect(second.drain() == ["second"])
        #expect(first.drain() == ["first"])
    }

    @Test func batchesOfEndedProcessesAreAdoptedInOrder() throws {
        let root = try TemporaryDirectory()
        let clock = ManualClock()
        let owners = try (0..<4).map { _ in try Self.open(root, clock: .manual(clock)) }
        for round in 0..<5 {
            for (index, owner) in owners.enumerated() {
                owner.store("\(round).\(index)", items: 2)
                clock.advance(by: .milliseconds(1))
            }
        }
        for owner in owners[..<3] { owner.close() }
        owners[3].adoptAbandoned()
        #expect(owners[3].counts.recovered.waiting == 30 && owners[3].counts.own.waiting == 10)
        #expect(owners[3].drain() == (0..<5).flatMap { round in (0..<4).map { "\(round).\($0)" } })
        #expect(owners[3].counts.recovered == SpoolCounts.Tally(stored: 30, delivered: 30))
        #expect(Self.batches(root).isEmpty)
    }

    @Test func adoptedBatchesWithSameSequenceAreAllKept() throws {
        let root = try TemporaryDirectory()
        // The clocks stand still, so that all owners assign the same sequences.
        let owners = try (0..<3).map { _ in try Self.open(root, clock: .manual(ManualClock())) }
        for (index, owner) in owners.enumerated() {
            for round in 0..<3 { owner.store("\(index).\(round)") }
        }
        for owner in owners[..<2] { owner.close() }
        owners[2].adoptAbandoned()
        #expect(owners[2].drain().sorted() == (0..<3).flatMap { index in (0..<3).map { "\(index).\($0)" } })
    }

    @Test func fullSpoolEvictsOldest() throws {
        let root = try TemporaryDirectory()
        let spool = try Self.open(root, bytes: 5 * 4096)
        for index in 0..<8 { #expect(spool.store("\(index)", items: 2)) }
        #expect(spool.counts.own == SpoolCounts.Tally(stored: 16, evicted: 6, waiting: 10))
        #expect(Self.batches(root).count == 5)
        #expect(!spool.store(String(repeating: "x", count: 5 * 4096), items: 7))
        #expect(spool.counts.refused == 7)
        spool.close()
        let smaller = try Self.open(root, bytes: 2 * 4096)
        #expect(smaller.counts.recovered == SpoolCounts.Tally(stored: 10, evicted: 6, waiting: 4))
        #expect(smaller.drain() == ["6", "7"])
    }

    @Test func batchAboveMaximumAgeExpiresAlsoForNextOwner() throws {
        let root = try TemporaryDirectory()
        let clock = ManualClock()
        let spool = try Self.open(root, clock: .manual(clock), age: .seconds(100))
        spool.store("old")
        clock.advance(by: .seconds(60))
        spool.store("new")
        spool.maintain()
        #expect(spool.counts.own.expired == 0)
        clock.advance(by: .seconds(41))
        spool.maintain()
        #expect(spool.counts.own == SpoolCounts.Tally(stored: 2, expired: 1, waiting: 1))
        spool.close()
        clock.advance(by: .seconds(61))
        let next = try Self.open(root, clock: .manual(clock), age: .seconds(100))
        #expect(next.counts.recovered == SpoolCounts.Tally(stored: 1, expired: 1))
        #expect(Self.batches(root).isEmpty)
    }

    @Test func damagedFileIsSetAsideAndOthersAreRead() throws {
        let root = try TemporaryDirectory()
        let first = try Self.open(root)
        for index in 0..<5 { first.store("\(index)", items: 2) }
        let files = Self.batches(root)
        var bytes = try root.bytes(of: files[1])
        bytes[36] ^= 1
        try root.write(bytes, to: files[1])
        try root.write(Array(try root.bytes(of: files[3]).dropLast()), to: files[3])
        #expect(first.drain() == ["0", "2", "4"])
        #expect(first.counts.own == SpoolCounts.Tally(stored: 10, delivered: 6, lost: 4))
        #expect(first.counts.damagedFiles == 2)
        #expect(root.files.filter { $0.hasSuffix(".corrupt") } == [files[1] + ".corrupt", files[3] + ".corrupt"])
        first.close()
        #expect(try Self.open(root).isEmpty, "A file that was set aside is not read again.")
    }

    @Test func keptDamagedFilesAreLimited() throws {
        let root = try TemporaryDirectory()
        let spool = try Self.open(root)
        for index in 0..<30 { spool.store("\(index)") }
        for file in Self.batches(root) { try root.write([1, 2, 3], to: file) }
        #expect(spool.drain() == [])
        #expect(root.files.count { $0.hasSuffix(".corrupt") } == 16)
    }

    @Test func removedFileIsCountedAsLost() throws {
        let root = try TemporaryDirectory()
        let spool = try Self.open(root)
        for index in 0..<3 { spool.store("\(index)") }
        try FileManager.default.removeItem(atPath: "\(root.path)/\(Self.batches(root)[1])")
        #expect(spool.drain() == ["0", "2"])
        #expect(spool.counts.own == SpoolCounts.Tally(stored: 3, delivered: 2, lost: 1))
        #expect(spool.counts.damagedFiles == 0)
    }

    @Test func foreignFilesAreKeptAndPartialFilesRemoved() throws {
        let root = try TemporaryDirectory()
        let first = try Self.open(root)
        first.store("0")
        first.close()
        let directory = String(first.path.dropFirst(root.path.count + 1))
        for name in ["notes.txt", "1-2-3.batch", ".batch"] { try root.write([1], to: "\(directory)/\(name)") }
        try root.write([1], to: "\(directory)/00000000000000000005-1-1.batch.partial")
        // The file is empty, as one that could not be removed.
        try root.write([], to: "\(directory)/00000000000000000006-1-1.batch")
        #expect(mkdir("\(root.path)/\(directory)/00000000000000000007-1-1.batch", 0o700) == 0)
        let second = try Self.open(root)
        #expect(second.drain() == ["0"])
        let left = root.files.filter { $0.hasPrefix(directory) }.map { String($0.dropFirst(directory.count + 1)) }
        #expect(left == [".batch", "00000000000000000006-1-1.batch", "1-2-3.batch", "lock", "notes.txt"])
    }

    @Test func randomDamageLosesOnlyDamagedBatches() throws {
        var random = SplitMix64(seed: 21)
        for _ in 0..<20 {
            let root = try TemporaryDirectory()
            let first = try Self.open(root)
            for index in 0..<20 { first.store("batch number \(index)") }
            first.close()
            var expected: [String] = []
            var lost: UInt64 = 0
            for (index, file) in Self.batches(root).enumerated() {
                guard Int.random(in: 0..<3, using: &random) == 0 else {
                    expected.append("batch number \(index)")
                    continue
                }
                var bytes = try root.bytes(of: file)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 1: bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random))
                case 2: bytes += [0, 0]
                default: bytes = bytes.map { _ in UInt8.random(in: .min ... .max, using: &random) }
                }
                lost += 1
                try root.write(bytes, to: file)
            }
            let second = try Self.open(root)
            #expect(second.drain() == expected)
            #expect(second.counts.recovered.lost == lost && second.counts.damagedFiles == lost)
            #expect(second.counts.recovered.isBalanced)
        }
    }

    @Test func unusableDirectoryIsConfigurationError() throws {
        let root = try TemporaryDirectory()
        try root.write([1], to: "file")
        for path in ["\(root.path)/file", "\(root.path)/file/below", "/proc/self/spool"] {
            let error = #expect(throws: ConfigurationError.self) { try Spool(.directory(path), name: Self.name) }
            #expect(error?.setting == "spool" && error?.value == path)
        }
    }

    @Test func unwritableDirectoryIsConfigurationError() throws {
        let root = try TemporaryDirectory()
        #expect(chmod(root.path, 0o500) == 0)
        defer { chmod(root.path, 0o700) }
        // Permissions do not apply to the superuser.
        if geteuid() != 0 { #expect(throws: ConfigurationError.self) { try Self.open(root) } }
    }

    @Test func removedDirectoryRefusesLaterBatches() throws {
        let root = try TemporaryDirectory()
        let spool = try Self.open(root, synchronization: .everyBatch)
        spool.store("kept", items: 2)
        try FileManager.default.removeItem(atPath: "\(root.path)/spool")
        #expect(!spool.store("not kept", items: 3))
        #expect(spool.drain() == [])
        #expect(spool.counts.own == SpoolCounts.Tally(stored: 2, lost: 2))
        #expect(spool.counts.refused == 3)
        #expect(spool.isEmpty)
    }

    @Test func concurrentThreadsStoreEveryBatch() async throws {
        let root = try TemporaryDirectory()
        let spool = try Self.open(root)
        await withTaskGroup { group in
            for task in 0..<4 {
                group.addTask { for index in 0..<25 { spool.store("\(task).\(index)") } }
            }
        }
        let texts = spool.drain()
        #expect(Set(texts).count == 100)
        for task in 0..<4 { #expect(texts.filter { $0.hasPrefix("\(task).") } == (0..<25).map { "\(task).\($0)" }) }
    }

    @Test(
        arguments: [
            ("http://collector:4318/v1/traces", "traces-collector_4318-"), ("https://user:secret@a.example/x", "traces-a.example-"),
            ("unix:/run/collector.sock", "traces-unix_-"), ("http://[::1]:4318/v1/traces", "traces-___1__4318-"),
        ])
    func directoryNameHoldsHostAndNoSecret(url: String, expected: String) {
        let name = SpoolDirectory.name(signal: "traces", url: url)
        #expect(name.hasPrefix(expected) && name.count == expected.count + 8)
        #expect(!name.contains("secret"))
        #expect(name != SpoolDirectory.name(signal: "traces", url: url + "2"))
        #expect(name == SpoolDirectory.name(signal: "traces", url: url))
    }
}
