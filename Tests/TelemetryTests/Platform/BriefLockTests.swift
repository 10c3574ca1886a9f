// The assertions about the lock of the recording path.

import Synchronization
import Testing

@testable import Telemetry

#if DEBUG
    struct BriefLockTests {
        private final class Guarded: Sendable {
            let lock = BriefLock()
            private let held = Atomic(true)

            var isHeld: Bool { lock.isHeld }

            /// What another thread sees.
            var isHeldElsewhere: Bool {
                onOtherThread { $0.held.store($0.isHeld, ordering: .sequentiallyConsistent) }
                return held.load(ordering: .sequentiallyConsistent)
            }

            func tryAcquire() -> Bool { lock.tryAcquire() }

            func acquireIfFree() -> Bool { lock.acquireIfFree() }

            /// Waits for a closure that runs on another thread.
            func onOtherThread(_ body: @escaping @Sendable (Guarded) -> Void) {
                let isDone = Semaphore()
                let isStarted = WorkerThread.start(named: "other") {
                    body(self)
                    isDone.post()
                }
                if isStarted { _ = isDone.wait(until: .never) }
            }
        }

        @Test func lockIsHeldOnlyByTheThreadThatAcquiredIt() {
            let guarded = Guarded()
            #expect(!guarded.isHeld)
            guarded.lock.acquire()
            #expect(guarded.isHeld)
            #expect(!guarded.isHeldElsewhere)
            guarded.lock.release()
            #expect(!guarded.isHeld)
            #expect(guarded.tryAcquire())
            #expect(guarded.isHeld)
            guarded.lock.reset()
            #expect(!guarded.isHeld)
        }

        @Test func lockIsAcquiredIfItIsFree() {
            let guarded = Guarded()
            #expect(guarded.acquireIfFree())
            #expect(guarded.isHeld && !guarded.acquireIfFree())
            guarded.onOtherThread { #expect(!$0.acquireIfFree()) }
            guarded.lock.release()
            #expect(!guarded.isHeld && guarded.acquireIfFree())
            guarded.lock.release()
        }

        @Test func releaseByAnotherThreadFailsAnAssertion() async {
            await #expect(processExitsWith: .failure) {
                let guarded = Guarded()
                guarded.lock.acquire()
                guarded.onOtherThread { $0.lock.release() }
            }
        }
    }
#endif
