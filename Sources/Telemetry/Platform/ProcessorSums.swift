// Hot: adds on the processor that the thread runs on, without a lock.

import Synchronization
import TelemetryMachine

/// One sum for each lane, and how many additions are left until one has to be made elsewhere.
///
/// Where the kernel restarts interrupted sequences (``telemetry_machine_add_on_processor``), an addition is a plain one: 1.6 ns on an EPYC
/// whose locked one takes 4.4. Elsewhere it is atomic. All users of a sum must add in the same way, so that is decided once in a process.
///
/// Only additions change a sum, which therefore begins anew only at the end of its range: readers keep what they have seen.
struct ProcessorSums: @unchecked Sendable {
    // Unchecked: the owner keeps the memory of the sums alive, and both words are changed as described or atomically.
    typealias Sum = telemetry_machine_sum

    /// Whether additions are restartable sequences in this process.
    static let areRestartable = telemetry_machine_has_restartable_sequences()

    private let sums: UnsafeMutablePointer<UnsafeMutablePointer<Sum>?>
    /// Where the kernel keeps the number of the processor; 0 if additions are atomic.
    private let kernelArea: Int
    private let laneCount: UInt32
    private let processor = ProcessorLane()

    /// - Parameters:
    ///   - addresses: two words for each lane, the sum first; they must stay where they are as long as the value is used.
    ///   - isRestartable: other than that of the process in tests.
    init(_ addresses: [UnsafeMutableRawPointer], isRestartable: Bool = Self.areRestartable) {
        assert(addresses.count == ProcessorLane.count, "There is a sum for each lane.")
        sums = .allocate(capacity: addresses.count)
        for (place, address) in addresses.enumerated() { sums[place] = address.assumingMemoryBound(to: Sum.self) }
        kernelArea = isRestartable ? telemetry_machine_rseq_offset() : 0
        laneCount = UInt32(addresses.count)
    }

    func deallocate() { sums.deallocate() }

    /// Whether numbers are added in restartable sequences.
    @inline(__always)
    var isRestartable: Bool { kernelArea != 0 }

    /// Adds a number as ``addRestartably(_:)`` does; must be called only if additions are restartable.
    @inline(__always)
    func addOnProcessor(_ number: Int64) -> Bool {
        assert(isRestartable, "Without the kernel's help another thread may come between.")
        return telemetry_machine_add_on_processor(kernelArea, sums, laneCount, number)
    }

    /// Adds a number without a locked instruction; returns false if it was not added: no addition is left, the thread was moved just now,
    /// its processor is beyond the lanes and shares one, or additions are atomic.
    @inline(__always)
    func addRestartably(_ number: Int64) -> Bool { isRestartable && addOnProcessor(number) }

    /// Adds a number where additions are atomic; returns false if it was not added.
    ///
    /// Two threads that meet in a lane may lose a count of what is left, and no number.
    func addAtomically(_ number: Int64) -> Bool {
        guard kernelArea == 0, let sum = sums[processor.current & (Int(laneCount) &- 1)] else { return false }
        let words = UnsafeMutableRawPointer(sum).assumingMemoryBound(to: Atomic<Int64>.self)
        let remaining = words[1].load(ordering: .relaxed)
        guard remaining > 0 else { return false }
        words[1].store(remaining &- 1, ordering: .relaxed)
        words[0].wrappingAdd(number, ordering: .relaxed)
        return true
    }
}
