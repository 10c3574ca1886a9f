// The calls of one connection.

import Telemetry

/// The calls that have begun on a connection and have not ended, and the handlers that run for them.
struct GRPCOpenCalls {
    /// Error codes of HTTP/2. (RFC 9113 §7.)
    static let cancel: UInt32 = 8
    static let enhanceYourCalm: UInt32 = 11

    enum Phase {
        /// Its head, or its message, is coming in.
        case head, message
        /// Its handler runs.
        case handling
        /// It has its answer, which may still be on its way.
        case answered
    }

    struct Call {
        fileprivate(set) var phase = Phase.head
        fileprivate(set) var path = ""
        fileprivate(set) var coding = "identity"
        /// When the present phase ends at the latest.
        fileprivate(set) var deadline: Deadline
        /// When the caller gives up.
        fileprivate(set) var callerDeadline = Deadline.never
        fileprivate var task: Task<Void, Never>?
    }

    private var calls: [Int32: Call] = [:]
    /// The handlers that run, those of calls that were given up included.
    private(set) var handlerCount = 0
    /// The memory of the messages that handlers have.
    private(set) var handledBytes = 0
    private(set) var answeredCount = 0

    var isEmpty: Bool { calls.isEmpty }

    subscript(streamID: Int32) -> Call? { calls[streamID] }

    /// When something is to be done about a call that takes too long.
    var nextDeadline: UInt64 { calls.values.reduce(.max) { min($0, $1.deadline.nanoseconds) } }

    func expired(_ now: UInt64) -> [(Int32, Call)] {
        calls.filter { $0.value.deadline.nanoseconds <= now }.map { ($0.key, $0.value) }
    }

    mutating func begin(_ streamID: Int32, until deadline: Deadline) { calls[streamID] = Call(deadline: deadline) }

    /// Notes that the head of a call is complete, and right.
    mutating func admit(_ streamID: Int32, _ head: GRPCCallHead) {
        guard var call = calls[streamID] else { return }
        (call.phase, call.path, call.coding) = (.message, head.path, head.coding)
        if let timeout = head.timeout {
            call.callerDeadline = .after(timeout)
            call.deadline = min(call.deadline, call.callerDeadline)
        }
        calls[streamID] = call
    }

    mutating func startHandler(_ streamID: Int32, bytes: Int) {
        handlerCount += 1
        handledBytes += bytes
        calls[streamID]?.phase = .handling
        if let deadline = calls[streamID]?.callerDeadline { calls[streamID]?.deadline = deadline }
    }

    mutating func setTask(_ streamID: Int32, _ task: Task<Void, Never>) { calls[streamID]?.task = task }

    mutating func endHandler(bytes: Int) {
        handlerCount -= 1
        handledBytes -= bytes
        assert(handlerCount >= 0 && handledBytes >= 0, "Each handler ends once.")
    }

    mutating func noteAnswer(_ streamID: Int32, until deadline: Deadline) {
        answeredCount += 1
        calls[streamID]?.phase = .answered
        calls[streamID]?.deadline = deadline
        // Of no use any more if it still runs, since its caller has another answer.
        calls[streamID]?.task?.cancel()
    }

    /// Tells the handler of a call that the caller has given it up.
    mutating func cancel(_ streamID: Int32) { calls[streamID]?.task?.cancel() }

    mutating func remove(_ streamID: Int32) { calls[streamID] = nil }

    mutating func removeAll() { calls = [:] }
}

extension GRPCCallHead.Problem {
    /// The answer to a call with the problem.
    var answer: GRPCAnswer {
        switch self {
        case .call(let answer): answer
        case .http(_, let text): .failure(.unimplemented, text)
        }
    }
}
