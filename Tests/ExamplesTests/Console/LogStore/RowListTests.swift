// Lists that share their elements: each has what it had, whatever others append.

import ExampleSupport
import Synchronization
import Telemetry
import Testing

@testable import TelemetryConsole

struct RowListTests {
    private func address(_ list: RowList<UInt16>) -> UnsafePointer<UInt16>? { list.withContiguousStorageIfAvailable(\.baseAddress) ?? nil }

    @Test func appendingMovesNothingThatCopiesHave() {
        var list = RowList<UInt16>()
        #expect(list.isEmpty && Array(list).isEmpty)
        for number in 0..<40 { list.append(UInt16(number)) }
        let copy = list
        for number in 40..<64 { list.append(UInt16(number)) }
        #expect(address(list) == address(copy) && copy.count == 40)
        list.append(64)
        #expect(address(list) != address(copy), "There was no more room.")
        #expect(Array(list) == Array(0...64) && Array(copy) == Array(0..<40))
    }

    @Test("of two lists that go on from the same elements, each has its own")
    func listsThatGoOnFromOneAreApart() {
        var list = RowList<UInt16>()
        for number in 0..<10 { list.append(UInt16(number)) }
        let before = list
        var (first, second) = (list, list)
        first.append(100)
        second.append(200)
        // As after a transaction that has failed.
        list = before
        list.append(300)
        #expect(first.last == 100 && second.last == 200 && list.last == 300 && before.count == 10)
        #expect([first, second, list].allSatisfy { $0.dropLast().elementsEqual(before) })
        #expect(first != second && before == RowList(0..<10) && RowList<UInt16>([]) == RowList())
    }

    @Test func replacingTheLastElementLeavesCopiesAlone() {
        var list = RowList<UInt16>([1, 2])
        let copy = list
        list.replaceLast(3)
        #expect(Array(list) == [1, 3] && Array(copy) == [1, 2])
        let place = address(list)
        list.replaceLast(4)
        #expect(Array(list) == [1, 4] && address(list) == place, "Nothing else has it.")
    }

    /// What readers on other threads have seen.
    private final class Readers: Sendable {
        let shared = Mutex(RowList<UInt64>())
        let isDone = Atomic(false)
        let wrong = Mutex(0)
        /// How many elements the lists had that were read.
        let lengths = Mutex<Set<Int>>([])
        let ended = Semaphore()

        func read() {
            while !isDone.load(ordering: .relaxed) {
                let list = shared.withLock { $0 }
                let differing = list.enumerated().count { $1 != UInt64($0) * 3 }
                wrong.withLock { $0 += differing }
                _ = lengths.withLock { $0.insert(list.count) }
            }
            ended.post()
        }
    }

    @Test("readers on other threads see what was handed to them while the list grows")
    func readersSeeWhatTheyWereGiven() async {
        let readers = Readers()
        for _ in 0..<2 { #expect(WorkerThread.start(named: "reader") { readers.read() }) }
        #expect(await eventually { readers.lengths.withLock { !$0.isEmpty } })
        var list = RowList<UInt64>()
        let end = Deadline.after(.seconds(60))
        // Readers that come late see a list that grows anew.
        while readers.lengths.withLock({ $0.count }) < 10, !end.hasPassed {
            list = RowList()
            for part in 0..<400 {
                for row in part * 50..<(part + 1) * 50 { list.append(UInt64(row) * 3) }
                readers.shared.withLock { $0 = list }
            }
        }
        #expect(readers.lengths.withLock { $0.count } >= 10)
        readers.isDone.store(true, ordering: .relaxed)
        for _ in 0..<2 { #expect(readers.ended.wait(until: .after(.seconds(60)))) }
        #expect(readers.wrong.withLock { $0 } == 0)
    }
}
