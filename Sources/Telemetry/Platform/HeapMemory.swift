// Gives memory that the C library keeps for later back to the system.

/// The heap of the C library.
enum HeapMemory {
    /// Gives the free pages of all arenas back to the system, where the C library can do so.
    ///
    /// It holds the lock of one arena at a time and takes time in proportion to the free memory: for rare occasions.
    static func giveBackFreePages() {
        _ = HiddenFunction.trimHeap?(0)
    }
}
