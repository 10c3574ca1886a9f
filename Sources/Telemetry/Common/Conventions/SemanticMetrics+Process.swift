// The metrics of processes: written by Documentation/Conventions/generate.py.

extension SemanticMetrics {
    /// The metrics `process.*`.
    public enum Process {
        /// The processor time used, by mode. (Counter in `s`, release candidate.)
        @inlinable public static var cpuTime: String { "process.cpu.time" }

        /// The share of the processors that is used, by mode. (Gauge in `1`, release candidate.)
        @inlinable public static var cpuUtilization: String { "process.cpu.utilization" }

        /// The physical memory in use. (Up-down counter in `By`, release candidate.)
        @inlinable public static var memoryUsage: String { "process.memory.usage" }

        /// The virtual memory committed. (Up-down counter in `By`, release candidate.)
        @inlinable public static var memoryVirtual: String { "process.memory.virtual" }

        /// The bytes read from and written to disks. (Counter in `By`, release candidate.)
        @inlinable public static var diskIO: String { "process.disk.io" }

        /// The bytes received and transmitted. (Counter in `By`, release candidate.)
        @inlinable public static var networkIO: String { "process.network.io" }

        /// How many threads there are. (Up-down counter in `{thread}`, release candidate.)
        @inlinable public static var threadCount: String { "process.thread.count" }

        /// How many file descriptors are open. (Up-down counter in `{file_descriptor}`, release candidate.)
        @inlinable public static var unixFileDescriptorCount: String { "process.unix.file_descriptor.count" }

        /// How many times the processor was taken away or given up. (Counter in `{context_switch}`, release candidate.)
        @inlinable public static var contextSwitches: String { "process.context_switches" }

        /// How many page faults there were. (Counter in `{fault}`, release candidate.)
        @inlinable public static var pagingFaults: String { "process.paging.faults" }

        /// How long the process has been running. (Gauge in `s`, release candidate.)
        @inlinable public static var uptime: String { "process.uptime" }
    }
}
