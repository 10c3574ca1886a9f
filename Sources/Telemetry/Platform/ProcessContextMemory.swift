// Publishes bytes about the process in its memory, where profilers outside of it look for them.

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The one process context of the process: a small mapping named `OTEL_CTX`, and the bytes that it points to.
///
/// Readers find the mapping in `/proc/<pid>/maps`, copy the bytes, and read the time of publication before and after: they notice a change
/// meanwhile. A forked child does not inherit the mapping. (Specification: OTEP 4719, "Publication Protocol"; Linux only.)
enum ProcessContextMemory {
    /// Why nothing is published.
    struct Failure: Error, Equatable {
        let description: String
    }

    /// The most bytes that are published: the OpenTelemetry eBPF profiler reads no more.
    static let maximumByteCount = 65_536

    private static let published = Locked<PublishedContext?>(nil)

    /// Publishes bytes, in place of those that this process has published before.
    static func publish(_ bytes: [UInt8]) throws(Failure) {
        guard bytes.count <= maximumByteCount else {
            throw Failure(description: "it has \(bytes.count) bytes, and \(maximumByteCount) are the most")
        }
        try published.withLock { published throws(Failure) in
            // A forked child has the value, but not the mapping.
            if published?.generation == ProcessGeneration.current {
                published?.update(bytes)
            } else {
                published = try PublishedContext(bytes)
            }
        }
    }
}

/// The mapping and the bytes that it points to. Never unmapped: the process may end at any time, and readers cope with that.
private struct PublishedContext {
    /// Offsets in the header, whose numbers have the byte order of the machine.
    private enum Offset {
        static let (signature, version, byteCount, time, address) = (0, 8, 12, 16, 24)
    }

    private static let name = "OTEL_CTX"
    private static let version: UInt32 = 2

    /// The process that made the mapping.
    let generation = ProcessGeneration.current
    /// Addresses as numbers: they are used under the lock of their owner.
    private let header: UInt
    private let pageSize: Int
    private var payload: UInt
    private var byteCount: Int

    init(_ bytes: [UInt8]) throws(ProcessContextMemory.Failure) {
        pageSize = max(4096, Int(sysconf(Int32(_SC_PAGESIZE))))
        let (mapping, isNamedFile) = try Self.map(pageSize)
        #if os(Linux)
            guard madvise(mapping, pageSize, MADV_DONTFORK) == 0 else {
                munmap(mapping, pageSize)
                throw ProcessContextMemory.Failure(description: "the mapping cannot be kept from forked children")
            }
        #endif
        header = UInt(bitPattern: mapping)
        (payload, byteCount) = (Self.copied(bytes), bytes.count)
        mapping.copyMemory(from: Self.name, byteCount: 8)
        mapping.storeBytes(of: Self.version, toByteOffset: Offset.version, as: UInt32.self)
        writePlace()
        // The time is written last: readers wait for it.
        time.pointee.store(Self.now(after: 0), ordering: .sequentiallyConsistent)
        let isNamed = nameMapping()
        guard isNamed || isNamedFile else {
            munmap(mapping, pageSize)
            UnsafeMutableRawPointer(bitPattern: payload)?.deallocate()
            throw ProcessContextMemory.Failure(description: "the kernel offers neither memfd_create nor names of mappings")
        }
    }

    /// Points the mapping to other bytes. (OTEP 4719, "Updating Protocol".)
    mutating func update(_ bytes: [UInt8]) {
        let former = payload
        let formerTime = time.pointee.load(ordering: .relaxed)
        (payload, byteCount) = (Self.copied(bytes), bytes.count)
        time.pointee.store(0, ordering: .sequentiallyConsistent)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        writePlace()
        time.pointee.store(Self.now(after: formerTime), ordering: .sequentiallyConsistent)
        nameMapping()
        // A reader that still copies the former bytes finds another time afterwards.
        UnsafeMutableRawPointer(bitPattern: former)?.deallocate()
    }

    /// Maps a page, of a named file in memory if the system has such files.
    private static func map(
        _ size: Int
    ) throws(ProcessContextMemory.Failure) -> (mapping: UnsafeMutableRawPointer, isNamedFile: Bool) {
        #if os(Linux)
            if let create = HiddenFunction.createMemoryFile {
                // Close on execution, allow sealing, and where the kernel knows it no execution.
                var file = create(name, 0x1 | 0x2 | 0x8)
                if file < 0 { file = create(name, 0x1 | 0x2) }
                if file >= 0 {
                    defer { close(file) }
                    if ftruncate(file, off_t(size)) == 0,
                        let mapping = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0), mapping != MAP_FAILED
                    {
                        return (mapping, true)
                    }
                }
            }
            if let mapping = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), mapping != MAP_FAILED {
                return (mapping, false)
            }
            throw ProcessContextMemory.Failure(description: "the system gives no memory mapping")
        #else
            throw ProcessContextMemory.Failure(description: "only Linux is supported")
        #endif
    }

    /// Names the mapping for `/proc/<pid>/maps`; returns whether the kernel can. Readers may wait for this call, whatever its result.
    @discardableResult
    private func nameMapping() -> Bool {
        // PR_SET_VMA and PR_SET_VMA_ANON_NAME.
        Self.name.withCString { HiddenFunction.controlProcess?(0x5356_4D41, 0, header, UInt(pageSize), UInt(bitPattern: $0)) == 0 }
    }

    private func writePlace() {
        assert(byteCount <= ProcessContextMemory.maximumByteCount, "The publisher has checked the size.")
        let header = UnsafeMutableRawPointer(bitPattern: header)
        header?.storeBytes(of: UInt32(byteCount), toByteOffset: Offset.byteCount, as: UInt32.self)
        header?.storeBytes(of: UInt64(payload), toByteOffset: Offset.address, as: UInt64.self)
        atomicMemoryFence(ordering: .sequentiallyConsistent)
    }

    private var time: UnsafeMutablePointer<Atomic<UInt64>> {
        // Within the mapping, which is aligned to a page.
        UnsafeMutableRawPointer(bitPattern: header + UInt(Offset.time)).unsafelyUnwrapped.assumingMemoryBound(to: Atomic<UInt64>.self)
    }

    private static func copied(_ bytes: [UInt8]) -> UInt {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, bytes.count), alignment: 16)
        copy.copyBytes(from: bytes)
        return UInt(bitPattern: copy.baseAddress)
    }

    /// Nanoseconds since the start of the machine, later than another such time and never 0.
    private static func now(after former: UInt64) -> UInt64 {
        #if os(Linux)
            var time = timespec()
            clock_gettime(CLOCK_BOOTTIME, &time)
            return max(UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec), former + 1)
        #else
            return former + 1
        #endif
    }
}
