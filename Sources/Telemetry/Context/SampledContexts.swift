// Hot: whether measurements can be in sampled spans at all.

import Synchronization

/// Knows whether the process has ever had a context with a span, which may be sampled.
///
/// Measurements look for the current context only to find sampled spans: a process without any looks less often. It is noted when the object of a
/// context is made, and not when the object of an ended span becomes another one: the note is there by then. So a span pays nothing for it.
enum SampledContexts {
    private static let haveExisted = Atomic(false)

    /// False if no context so far can have had a sampled span. Relaxed: a thread that has made or been given a context finds it noted.
    static var mayExist: Bool { haveExisted.load(ordering: .relaxed) }

    /// Notes that there is a context with a span, which may be sampled.
    static func note() {
        // A load first: a store would take the cache line from all others each time.
        if !mayExist { haveExisted.store(true, ordering: .relaxed) }
    }
}
