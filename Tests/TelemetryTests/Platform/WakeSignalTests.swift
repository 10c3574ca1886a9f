// A signal whose waiting thread starts when it is needed.

import Synchronization
import Testing

@testable import Telemetry

struct WakeSignalTests {
    @Test func firstRaiseStartsTheWaitingThreadOnce() {
        let (signal, starts) = (WakeSignal(), Started())
        signal.startWaiterWhenNeeded { starts.count.add(1, ordering: .relaxed) }
        #expect(signal.isStartDue && starts.count.load(ordering: .relaxed) == 0)
        signal.raise()
        #expect(!signal.isStartDue && starts.count.load(ordering: .relaxed) == 1)
        #expect(signal.wait(until: Deadline(nanoseconds: 0)))
        signal.raise()
        signal.startWaiter()
        #expect(starts.count.load(ordering: .relaxed) == 1)
    }

    @Test func threadIsStartedWithoutARaise() {
        let (signal, starts) = (WakeSignal(), Started())
        signal.startWaiterWhenNeeded { starts.count.add(1, ordering: .relaxed) }
        signal.startWaiter()
        #expect(starts.count.load(ordering: .relaxed) == 1 && !signal.isStartDue)
        #expect(!signal.wait(until: Deadline(nanoseconds: 0)), "The signal was not raised.")
    }

    @Test func signalThatWasRaisedBeforeStartsTheThreadAtOnce() {
        let (signal, starts) = (WakeSignal(), Started())
        signal.raise()
        signal.startWaiterWhenNeeded { starts.count.add(1, ordering: .relaxed) }
        #expect(starts.count.load(ordering: .relaxed) == 1)
    }

    @Test func manyThreadsStartItOnce() async {
        for _ in 0..<50 {
            let (signal, starts) = (WakeSignal(), Started())
            signal.startWaiterWhenNeeded { starts.count.add(1, ordering: .relaxed) }
            await onThreads(4) { number in
                if number.isMultiple(of: 2) { signal.raise() } else { signal.startWaiter() }
            }
            #expect(starts.count.load(ordering: .relaxed) == 1)
        }
    }

    private final class Started: Sendable {
        let count = Atomic(0)
    }
}
