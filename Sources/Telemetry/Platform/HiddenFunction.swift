// System calls that have no Swift declaration, found with `dlsym`.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Functions of the C library that its headers hide from Swift behind feature macros.
enum HiddenFunction {
    typealias GetProcessor = @convention(c) () -> Int32
    typealias WaitOnClock = @convention(c) (UnsafeMutableRawPointer, Int32, UnsafeRawPointer) -> Int32
    typealias SetThreadName = @convention(c) (UInt, UnsafePointer<CChar>) -> Int32

    /// `sched_getcpu`: the number of the processor that the thread runs on.
    static let getProcessor = find("sched_getcpu").map { unsafeBitCast($0, to: GetProcessor.self) }

    /// `sem_clockwait`: waits for a semaphore until a time on a given clock.
    static let waitOnClock = find("sem_clockwait").map { unsafeBitCast($0, to: WaitOnClock.self) }

    /// `pthread_setname_np`: names a thread for debuggers and `top`.
    static let setThreadName = find("pthread_setname_np").map { unsafeBitCast($0, to: SetThreadName.self) }

    typealias EpollCreate = @convention(c) (Int32) -> Int32
    typealias EpollControl = @convention(c) (Int32, Int32, Int32, UnsafeMutableRawPointer?) -> Int32
    typealias EpollWait = @convention(c) (Int32, UnsafeMutableRawPointer?, Int32, Int32) -> Int32

    /// `epoll_create1`, `epoll_ctl` and `epoll_wait`: waiting for many descriptors at a cost that does not grow with them.
    static let epollCreate = find("epoll_create1").map { unsafeBitCast($0, to: EpollCreate.self) }
    static let epollControl = find("epoll_ctl").map { unsafeBitCast($0, to: EpollControl.self) }
    static let epollWait = find("epoll_wait").map { unsafeBitCast($0, to: EpollWait.self) }

    typealias WriteVector = @convention(c) (Int32, UnsafeMutableRawPointer, Int32, Int, Int32) -> Int

    /// `pwritev2`: a write with flags, such as whether it may block.
    static let writeVector = find("pwritev2").map { unsafeBitCast($0, to: WriteVector.self) }

    typealias TrimHeap = @convention(c) (Int) -> Int32

    /// `malloc_trim`: returns free memory of the heap to the system; only glibc has it.
    static let trimHeap = find("malloc_trim").map { unsafeBitCast($0, to: TrimHeap.self) }

    typealias CreateMemoryFile = @convention(c) (UnsafePointer<CChar>, UInt32) -> Int32
    typealias ControlProcess = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32

    /// `memfd_create`: makes a file in memory, whose name the mappings of the process show.
    static let createMemoryFile = find("memfd_create").map { unsafeBitCast($0, to: CreateMemoryFile.self) }

    /// `prctl`: names a mapping, among other things.
    static let controlProcess = find("prctl").map { unsafeBitCast($0, to: ControlProcess.self) }

    /// True if the process runs under the thread sanitizer, whose function every program has that is built for it.
    static let hasThreadSanitizer = find("__tsan_init") != nil

    private static func find(_ name: String) -> UnsafeMutableRawPointer? { dlsym(nil, name) }
}
