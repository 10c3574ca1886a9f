// Processes that are killed while they store or replay batches.

import Glibc
import Testing

@testable import Telemetry

/// A process of the test program that runs one test: the one that stores batches until it is killed.
private final class StoringProcess {
    private let identifier: pid_t
    private let output: Int32
    private var rest: [UInt8] = []

    /// - Parameter first: the number of the first batch that the process stores.
    init(_ root: TemporaryDirectory, first: Int, isReceiverThere: Bool) throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        output = ends[0]
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
        let program = try #require(ProcessInformation.executablePath)
        let texts = [program, "--testing-library", "swift-testing", "--filter", "SpoolChild"]
        let settings = ["SPOOL_CHILD=\(root.path)", "SPOOL_FIRST=\(first)", "SPOOL_RECEIVER=\(isReceiverThere ? "there" : "away")"]
        var arguments: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var child = pid_t()
        try #require(posix_spawn(&child, program, &actions, nil, &arguments, &variables) == 0)
        identifier = child
    }

    deinit {
        kill()
        close(output)
    }

    private var isKilled = false

    /// Kills the process and waits until it has ended.
    func kill() {
        guard !isKilled else { return }
        isKilled = true
        Glibc.kill(identifier, SIGKILL)
        var status: Int32 = 0
        waitpid(identifier, &status, 0)
    }

    /// Returns the next complete line; nil at the end of the output.
    func nextLine() -> String? {
        while true {
            if let end = rest.firstIndex(of: 10) {
                defer { rest.removeFirst(end + 1) }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            var watched = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, 60_000) > 0 else { return nil }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(output, &buffer, buffer.count)
            guard count > 0 else { return nil }
            rest += buffer[..<count]
        }
    }

    /// Returns words and numbers of the next lines, until a word has occurred that often or the output ends.
    func lines(until count: Int = .max, of word: String) -> [(word: String, number: Int)] {
        var lines: [(word: String, number: Int)] = []
        var found = 0
        while found < count, let line = nextLine() {
            let parts = line.split(separator: " ")
            guard parts.count == 2, ["stored", "received"].contains(parts[0]), let number = Int(parts[1]) else { continue }
            lines.append((String(parts[0]), number))
            if parts[0] == word { found += 1 }
        }
        return lines
    }
}

/// A receiver that writes the numbers of batches to standard output, or fails every request.
private struct OutputReceiver: SpoolReceiver {
    let isThere: Bool
    let name = "output"

    func send(_ request: UnsafeRawBufferPointer, deadline: Deadline) -> OTLPOutcome {
        guard isThere else { return .retryable(after: nil, reason: "away") }
        StandardStream.output.write("received \(SpoolChild.number(request))\n")
        return .delivered
    }

    func interrupt() {}
}

/// The code of the process that is killed; it tests nothing by itself.
struct SpoolChild {
    static let name = "traces-here-00000000"

    private static func variable(_ name: String) -> String? { ProcessInformation.environmentVariable(name) }

    /// A request of some kilobytes that begins with its number.
    static func body(_ number: Int) -> [UInt8] {
        var random = SplitMix64(seed: UInt64(number))
        return Array("\(number) ".utf8)
            + [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: .random(in: 0..<20_000, using: &random))
    }

    static func number(_ request: UnsafeRawBufferPointer) -> Int {
        Int(String(decoding: request.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)) ?? -1
    }

    @Test(.enabled(if: SpoolChild.variable("SPOOL_CHILD") != nil))
    func storesUntilItIsKilled() throws {
        let directory = try #require(Self.variable("SPOOL_CHILD"))
        var number = Self.variable("SPOOL_FIRST").flatMap { Int($0) } ?? 0
        let spool = try Spool(.directory(directory, synchronization: .never), name: Self.name)
        let replayer = SpoolReplayer(
            spool, to: OutputReceiver(isThere: Self.variable("SPOOL_RECEIVER") == "there"),
            retry: RetryPolicy(initialDelay: .milliseconds(1), maximumDelay: .milliseconds(1)), timeout: .seconds(10))
        #expect(replayer.start())
        // The process ends by itself if its parent has ended.
        let (parent, limit) = (getppid(), Deadline.after(.seconds(120)))
        while getppid() == parent, !limit.hasPassed {
            let isStored = Self.body(number).withUnsafeBytes { spool.store([$0], itemCount: 1) }
            guard isStored else { break }
            StandardStream.output.write("stored \(number)\n")
            number += 1
        }
    }
}

@Suite(.serialized) struct SpoolProcessTests {
    /// Returns the numbers of the batches that are left after all processes.
    private static func rest(_ root: TemporaryDirectory) throws -> (numbers: [Int], counts: SpoolCounts) {
        let spool = try Spool(.directory(root.path), name: SpoolChild.name)
        spool.adoptAbandoned()
        var numbers: [Int] = []
        while let entry = spool.takeOldest() {
            guard case .request(let bytes, let range) = spool.read(entry) else { continue }
            let number = bytes.withUnsafeBytes { SpoolChild.number(UnsafeRawBufferPointer(rebasing: $0[range])) }
            #expect(Array(bytes[range]) == SpoolChild.body(number))
            numbers.append(number)
            spool.finish(entry, .delivered(rejected: 0))
        }
        return (numbers, spool.counts)
    }

    @Test func processKilledWhileStoringLosesAndDuplicatesNoAcknowledgedBatch() throws {
        let root = try TemporaryDirectory()
        var acknowledged: [Int] = []
        for round in 0..<3 {
            let first = round * 1_000_000
            let process = try StoringProcess(root, first: first, isReceiverThere: false)
            var lines = process.lines(until: 40 + 17 * round, of: "stored")
            try #require(!lines.isEmpty, "The process stores.")
            process.kill()
            lines += process.lines(of: "stored")
            acknowledged += lines.filter { $0.word == "stored" }.map(\.number)
        }
        let (received, counts) = try Self.rest(root)
        #expect(received == received.sorted() && Set(received).count == received.count)
        #expect(Set(acknowledged).isSubset(of: received))
        // A batch may be stored that the process was killed before acknowledging.
        #expect(received.count <= acknowledged.count + 3)
        #expect(counts.damagedFiles == 0 && counts.recovered.lost == 0)
    }

    @Test func processKilledWhileReplayingDuplicatesAtMostTheBatchInFlight() throws {
        let root = try TemporaryDirectory()
        var (stored, received): (Set<Int>, [Int]) = ([], [])
        for round in 0..<3 {
            let process = try StoringProcess(root, first: round * 1_000_000, isReceiverThere: true)
            var lines = process.lines(until: 40 + 17 * round, of: "received")
            try #require(!lines.isEmpty, "The process sends.")
            process.kill()
            lines += process.lines(of: "received")
            stored.formUnion(lines.filter { $0.word == "stored" }.map(\.number))
            received += lines.filter { $0.word == "received" }.map(\.number)
        }
        let (rest, counts) = try Self.rest(root)
        received += rest
        #expect(stored.isSubset(of: received))
        #expect(received == received.sorted())
        #expect(received.count - Set(received).count <= 3, "Each killed process duplicates at most one batch.")
        #expect(counts.damagedFiles == 0 && counts.recovered.lost == 0)
    }
}
