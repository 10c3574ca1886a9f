// The source of process metrics.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The resource usage of the process; nil for values that the operating system does not provide.
///
/// All values are those of the whole process.
package struct ProcessStatistics: Sendable, Hashable {
    /// Processor time spent in the program itself and in the kernel on its behalf.
    var userSeconds: Double?
    var systemSeconds: Double?
    /// Physical memory, and address space.
    package var residentBytes: Int?
    var virtualBytes: Int?
    var threadCount: Int?
    var openFileDescriptors: Int?
    var voluntaryContextSwitches: Int?
    var involuntaryContextSwitches: Int?
    /// Page faults without and with a read from disk.
    var minorPageFaults: Int?
    var majorPageFaults: Int?
    /// Bytes read from and written to storage, without caches and pipes.
    var diskReadBytes: Int?
    var diskWrittenBytes: Int?
    /// When the process was started, in seconds since 1970.
    var startSeconds: Double?

    init() {}

    /// Reads the present usage with a few system calls, none of which waits for a device.
    package static var current: ProcessStatistics {
        var statistics = ProcessStatistics()
        statistics.takeUsage()
        if let text = ProcessInformation.contents(of: "/proc/self/stat") {
            statistics.take(status: text, host: .current)
        }
        if let text = ProcessInformation.contents(of: "/proc/self/io") { statistics.take(inputOutput: text) }
        statistics.openFileDescriptors = countOfFileDescriptors
        return statistics
    }

    // MARK: The parts

    private mutating func takeUsage() {
        var usage = rusage()
        #if canImport(Glibc)
            let wholeProcess = __rusage_who_t(RUSAGE_SELF.rawValue)
        #else
            let wholeProcess = RUSAGE_SELF
        #endif
        guard getrusage(wholeProcess, &usage) == 0 else { return }
        userSeconds = Self.seconds(usage.ru_utime)
        systemSeconds = Self.seconds(usage.ru_stime)
        // `/proc/self/status` counts the context switches of the first thread only.
        voluntaryContextSwitches = Int(usage.ru_nvcsw)
        involuntaryContextSwitches = Int(usage.ru_nivcsw)
        minorPageFaults = Int(usage.ru_minflt)
        majorPageFaults = Int(usage.ru_majflt)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }

    /// The units of the values that the kernel reports.
    struct Host: Sendable {
        var pageSize: Int
        var ticksPerSecond: Int
        /// When the host was started, in seconds since 1970.
        var bootSeconds: Double?

        /// Read once, so that the start time of the process does not move with clock corrections.
        static let current = Host(
            pageSize: Int(getpagesize()), ticksPerSecond: max(1, Int(sysconf(Int32(_SC_CLK_TCK)))), bootSeconds: readBootSeconds())

        private static func readBootSeconds() -> Double? {
            #if canImport(Darwin)
                return nil
            #else
                var (now, sinceBoot) = (timespec(), timespec())
                guard clock_gettime(CLOCK_REALTIME, &now) == 0, clock_gettime(CLOCK_BOOTTIME, &sinceBoot) == 0 else { return nil }
                return Double(now.tv_sec - sinceBoot.tv_sec) + Double(now.tv_nsec - sinceBoot.tv_nsec) / 1_000_000_000
            #endif
        }
    }

    /// Parses `/proc/self/stat`: one line of numbers after a name.
    mutating func take(status text: String, host: Host) {
        // The name is in parentheses, and may contain spaces and parentheses.
        guard let end = text.utf8.lastIndex(of: UInt8(ascii: ")")) else { return }
        // The first of these is the third field of the line.
        let fields = text[text.utf8.index(after: end)...].split(whereSeparator: { $0 == " " || $0 == "\n" })
        func field(_ number: Int) -> Int? {
            guard number - 3 < fields.count, let value = Int(fields[number - 3]), value >= 0 else { return nil }
            return value
        }
        threadCount = field(20)
        if let boot = host.bootSeconds, let ticks = field(22) { startSeconds = boot + Double(ticks) / Double(host.ticksPerSecond) }
        virtualBytes = field(23)
        if let pages = field(24) {
            let (bytes, overflows) = pages.multipliedReportingOverflow(by: host.pageSize)
            if !overflows { residentBytes = bytes }
        }
    }

    /// Parses `/proc/self/io`: a name and a number on each line.
    mutating func take(inputOutput text: String) {
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            guard let value = Int(line[line.index(after: colon)...].drop { $0 == " " }), value >= 0 else { continue }
            switch line[..<colon] {
            case "read_bytes": diskReadBytes = value
            case "write_bytes": diskWrittenBytes = value
            default: break
            }
        }
    }

    private static var countOfFileDescriptors: Int? {
        // Since Linux 6.2 the size of the directory is the number of descriptors.
        var status = stat()
        if stat("/proc/self/fd", &status) == 0 && status.st_size > 0 { return Int(status.st_size) }
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Without `.`, `..` and the descriptor that reads the directory.
        return max(0, count - 3)
    }
}
