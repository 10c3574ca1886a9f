// A list that its copies share while it grows.

import Synchronization

/// Elements by the row. Appending to the longest of several copies moves none of the elements, and the others keep what they have.
///
/// The writer of the log store appends to lists whose copies its readers look at: arrays would be copied whole after each commit.
struct RowList<Element: BitwiseCopyable & Sendable>: Sendable {
    /// The room that copies of a list share.
    ///
    /// `@unchecked`: an element is written once, by the one list to which ``claims(_:)`` gave its place, before that list counts it; it is read only
    /// by this list and by copies that were made, and handed to other threads, after that.
    private final class Storage: @unchecked Sendable {
        let base: UnsafeMutablePointer<Element>
        let capacity: Int
        private let end: Atomic<Int>

        init(capacity: Int, from elements: UnsafeBufferPointer<Element>) {
            assert(elements.count <= capacity, "There is room for the elements.")
            self.capacity = capacity
            base = .allocate(capacity: capacity)
            if let first = elements.baseAddress { base.initialize(from: first, count: elements.count) }
            end = Atomic(elements.count)
        }

        deinit { base.deallocate() }

        /// Gives a place to the caller; false if there is no room or another list has it.
        func claims(_ place: Int) -> Bool {
            // Relaxed: what is written goes to other threads with the list, by the lock that hands it on.
            place < capacity && end.compareExchange(expected: place, desired: place + 1, ordering: .relaxed).exchanged
        }
    }

    private static var smallestCapacity: Int { 64 }

    private var storage: Storage?
    private(set) var count = 0

    init() {}

    init(_ elements: some Collection<Element>) {
        let elements = Array(elements)
        guard !elements.isEmpty else { return }
        storage = elements.withUnsafeBufferPointer { Storage(capacity: $0.count, from: $0) }
        count = elements.count
    }

    mutating func append(_ element: Element) {
        if let storage, storage.claims(count) {
            storage.base[count] = element
        } else {
            let grown = withBuffer { Storage(capacity: Swift.max(Self.smallestCapacity, 2 * count), from: $0) }
            let isOwn = grown.claims(count)
            assert(isOwn, "No other list knows the room yet.")
            grown.base[count] = element
            storage = grown
        }
        count += 1
    }

    /// Sets the last element; copies that have it keep the old one.
    mutating func replaceLast(_ element: Element) {
        precondition(count > 0, "There is a last element.")
        if !isKnownUniquelyReferenced(&storage) {
            storage = withBuffer { Storage(capacity: Swift.max(Self.smallestCapacity, 2 * count), from: $0) }
        }
        storage?.base[count - 1] = element
    }

    private func withBuffer<Result>(_ body: (UnsafeBufferPointer<Element>) throws -> Result) rethrows -> Result {
        try withExtendedLifetime(storage) { try body(UnsafeBufferPointer(start: storage.map { UnsafePointer($0.base) }, count: count)) }
    }
}

extension RowList: RandomAccessCollection {
    var startIndex: Int { 0 }
    var endIndex: Int { count }

    subscript(row: Int) -> Element {
        precondition(row >= 0 && row < count, "The list has the row.")
        // A list with elements has its storage.
        return storage.unsafelyUnwrapped.base[row]
    }

    func withContiguousStorageIfAvailable<Result>(_ body: (UnsafeBufferPointer<Element>) throws -> Result) rethrows -> Result? {
        try withBuffer(body)
    }
}

extension RowList: Equatable where Element: Equatable {
    static func == (left: Self, right: Self) -> Bool { left.elementsEqual(right) }
}
