// A command on its way from the task that sends it to the connection.

import Synchronization
import Telemetry

/// One command whose caller waits for the answer.
final class RedisJob: Sendable {
    typealias Answer = Result<RESPValue, RedisError>

    /// The command as it is sent.
    let bytes: [UInt8]
    let deadline: Deadline
    private let continuation = Mutex<CheckedContinuation<Answer, Never>?>(nil)
    // Relaxed: only the loop's thread decides by it.
    private let cancelled = Atomic(false)

    init(_ words: [[UInt8]], until deadline: Deadline) {
        bytes = Self.encoded(words)
        self.deadline = deadline
    }

    var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

    /// Returns the words as an array of texts, the form that commands have.
    static func encoded(_ words: [[UInt8]]) -> [UInt8] {
        var bytes = Array("*\(words.count)\r\n".utf8)
        for word in words {
            bytes += "$\(word.count)\r\n".utf8
            bytes += word
            bytes += [0x0D, 0x0A]
        }
        return bytes
    }

    /// Answers the caller; only the first answer counts.
    func finish(_ answer: Answer) {
        let waiting = continuation.withLock { continuation in
            defer { continuation = nil }
            return continuation
        }
        waiting?.resume(returning: answer)
    }

    /// Submits the job and waits for its answer.
    func answer(submit: (RedisJob) -> Void) async throws(RedisError) -> RESPValue {
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.continuation.withLock { $0 = continuation }
                submit(self)
            }
        } onCancel: {
            cancelled.store(true, ordering: .relaxed)
            finish(.failure(.cancelled))
        }
        return try answer.get()
    }
}
