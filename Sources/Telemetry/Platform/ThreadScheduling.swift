// The processors and the class of scheduling that a thread was started with.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a new thread inherits of the one that starts it: the processors that it may run on, and its class of scheduling.
///
/// A thread that is started when it is needed is given those of the thread that would have started it before.
struct ThreadScheduling: Sendable {
    /// One bit for each processor; all zero where the system does not say.
    private var processors = InlineArray<16, UInt64>(repeating: 0)
    private var isKnown = false
    private var policy: Int32 = 0
    private var priority: Int32 = 0

    /// That of the calling thread.
    init() {
        let size = MemoryLayout.size(ofValue: processors)
        isKnown = withUnsafeMutablePointer(to: &processors) { bits in HiddenFunction.getAffinity.map { $0(0, size, bits) >= 0 } ?? false }
        var parameters = sched_param()
        if pthread_getschedparam(pthread_self(), &policy, &parameters) == 0 { priority = Int32(parameters.sched_priority) }
    }

    /// Gives the calling thread this scheduling, as far as the system allows it.
    func apply() {
        if isThatOfThread { return }
        var (wanted, parameters) = (self, sched_param())
        parameters.sched_priority = .init(priority)
        _ = pthread_setschedparam(pthread_self(), policy, &parameters)
        guard isKnown else { return }
        let size = MemoryLayout.size(ofValue: processors)
        withUnsafeMutablePointer(to: &wanted.processors) { bits in _ = HiddenFunction.setAffinity?(0, size, bits) }
    }

    /// Whether the calling thread has this scheduling.
    var isThatOfThread: Bool {
        let own = ThreadScheduling()
        return own.policy == policy && own.priority == priority && processors.indices.allSatisfy { own.processors[$0] == processors[$0] }
    }
}
