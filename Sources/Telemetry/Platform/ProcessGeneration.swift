// Hot: the number by which a forked child recognizes what belongs to its parent.

/// Numbers this process and each child that is forked from it.
enum ProcessGeneration {
    /// The number of this process, never 0; a forked child has another one than its parent.
    ///
    /// Written only in a forked child, while it has one thread.
    @exclusivity(unchecked) nonisolated(unsafe) private(set) static var current: UInt8 = 1

    /// True in a forked child.
    static var isForked: Bool { current != 1 }

    /// Gives the process its own number; must be called in a forked child only, while it has one thread.
    static func advance() { current = current == .max ? 2 : current + 1 }
}
