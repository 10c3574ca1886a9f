// One connection to PostgreSQL, driven by the loop that all share.

import Telemetry

/// A connection with the statements that it has prepared. It is used on the loop's thread only.
///
/// A connection returns to the pool only when the server is ready for the next command and no transaction is open.
final class PostgreSQLConnection: EventHandler {
    private enum Command {
        case none
        /// The job's statement is prepared under a name.
        case prepare(name: String)
        /// All statements are forgotten before the job's is prepared.
        case deallocate
        /// The job itself, or what is left of a job that was given up.
        case execute
        /// The statements of a group.
        case executeGroup
        case rollBack

        var isRunning: Bool { if case .none = self { false } else { true } }
        var mayHaveExecuted: Bool {
            switch self {
            case .execute, .executeGroup: true
            case .none, .prepare, .deallocate, .rollBack: false
            }
        }
    }

    /// The nanoseconds after which a connection is closed whose server does not obey.
    private static let grace: UInt64 = 1_000_000_000

    let number: Int
    private let library: PostgreSQLLibrary
    private let handle: OpaquePointer
    private let descriptor: Int32
    private let loop: EventLoop
    private unowned let pool: PostgreSQLPool
    private var key: UInt64?
    private var interest: Poller.Readiness = .readable
    /// The names of prepared statements by their text.
    private var prepared: [String: String] = [:]
    private var preparedCount = 0

    private var command = Command.none
    private var job: PostgreSQLJob?
    private var group: PostgreSQLGroup?
    private var lease: PostgreSQLLease?
    private var rows: [DatabaseRow] = []
    private var error: PostgreSQLError?
    private var isLost = false
    /// Whether a request to cancel is on its way, which could hit the next command.
    private var isCancelling = false
    /// When the connection is closed, in monotonic nanoseconds.
    private var closingTime = UInt64.max
    /// When the pool has handed out the connection.
    private(set) var takenAt = ContinuousClock.now

    /// Returns nil if the system does not watch the socket.
    init?(_ number: Int, _ library: PostgreSQLLibrary, _ handle: PostgreSQLHandle, _ loop: EventLoop, _ pool: PostgreSQLPool) {
        self.number = number
        self.library = library
        self.handle = handle.pointer
        self.loop = loop
        self.pool = pool
        descriptor = library.socket(handle.pointer)
        key = loop.add(self, descriptor, .readable)
        if key == nil { return nil }
    }

    /// Executes a job of the pool.
    func serve(_ job: PostgreSQLJob) {
        takenAt = .now
        start(job)
    }

    /// Whether a group of this statement can be executed.
    func takesGroups(of text: String) -> Bool { library.pipeline != nil && prepared[text] != nil }

    /// Executes jobs of the pool, all with one statement that is prepared.
    func serve(_ group: PostgreSQLGroup) {
        takenAt = .now
        self.group = group
        loop.check(at: group.nextDeadline(after: 0))
        send(.executeGroup) {
            guard let pipeline = library.pipeline, pipeline.enter(handle) == 1 else { return 0 }
            for job in group.jobs {
                guard case .statement(let text, let parameters) = job.work, let name = prepared[text] else { return 0 }
                guard sendExecute(name, parameters) == 1 else { return 0 }
            }
            return pipeline.end(handle)
        }
    }

    /// Continues a transaction that has statements to execute or has ended, or returns the connection to the pool.
    func proceed() {
        guard case .none = command, !isCancelling, key != nil else { return }
        let isIdle = library.transactionStatus(handle) == PostgreSQLLibrary.Constant.idle
        if let lease, !lease.hasEnded {
            if !lease.pending.isEmpty { start(lease.pending.removeFirst()) }
        } else if !isIdle {
            send(.rollBack) { library.sendQuery(handle, "ROLLBACK") }
        } else {
            lease = nil
            closingTime = .max
            pool.takeBack(self)
        }
    }

    /// Rolls back what the transaction has done; the server has to obey soon.
    func endTransaction() {
        limitTime()
        if job == nil { proceed() } else { giveUp(.unavailable("the transaction has ended")) }
    }

    /// Stops a job that is executed. A commit is not stopped, so that its caller learns how it ended; a group goes on for its other callers.
    func cancel(_ job: PostgreSQLJob) {
        if let group, group.jobs.contains(where: { $0 === job }) { return endGroup(Deadline.after(.zero).nanoseconds) }
        guard self.job === job else { return }
        if case .commit = job.work { return }
        giveUp(.cancelled)
    }

    /// Ends the connection. What belongs to it fails.
    func close() {
        guard let key else { return }
        self.key = nil
        loop.remove(key, descriptor)
        library.finish(handle)
        let lost = DatabaseError.unavailable("the connection to the database was lost")
        job?.fail(lost)
        job = nil
        group?.fail(lost)
        group = nil
        lease?.end(lost)
        lease = nil
        pool.remove(self)
    }

    func isReady(_ readiness: Poller.Readiness) {
        guard key != nil else { return }
        if readiness.contains(.writable), !flush() { return breakOff() }
        if !readiness.isDisjoint(with: [.readable, .ended]) { receive() }
    }

    func checkTime(_ now: UInt64) -> UInt64 {
        if closingTime <= now { close() }
        if let job, job.deadline.nanoseconds <= now { giveUp(.unavailable("the database has not answered in time")) }
        endGroup(now)
        if let lease, !lease.hasEnded, lease.deadline.nanoseconds <= now {
            lease.end(.unavailable("the transaction took too long"))
            endTransaction()
        }
        guard key != nil else { return .max }
        return min(
            closingTime, group?.nextDeadline(after: now) ?? .max, job?.deadline.nanoseconds ?? .max,
            lease.map { $0.hasEnded ? .max : $0.deadline.nanoseconds } ?? .max)
    }

    private func start(_ job: PostgreSQLJob) {
        self.job = job
        loop.check(at: job.deadline.nanoseconds)
        switch job.work {
        case .begin(let lease):
            self.lease = lease
            lease.connection = self
            send(.execute) { library.sendQuery(handle, "BEGIN") }
        case .commit where library.transactionStatus(handle) == PostgreSQLLibrary.Constant.failedTransaction:
            // The server would roll back, and say so only by the name of the command.
            answer(.failure(.unavailable("the transaction was rolled back")))
        case .commit: send(.execute) { library.sendQuery(handle, "COMMIT") }
        case .statement(let text, let parameters):
            if let name = prepared[text] { return execute(name, parameters) }
            if prepared.count < DatabaseLimit.preparedStatements { return prepare(text) }
            prepared = [:]
            send(.deallocate) { library.sendQuery(handle, "DEALLOCATE ALL") }
        }
    }

    private func prepare(_ text: String) {
        preparedCount += 1
        let name = "s\(preparedCount)"
        send(.prepare(name: name)) { library.sendPrepare(handle, name, text, 0, nil) }
    }

    private func execute(_ name: String, _ parameters: [DatabaseValue]) {
        send(.execute) { sendExecute(name, parameters) }
    }

    private func sendExecute(_ name: String, _ parameters: [DatabaseValue]) -> Int32 {
        // The texts lie behind each other, each with a zero at its end.
        var texts: [UInt8] = []
        let starts = parameters.map { parameter -> Int? in
            guard let text = parameter.postgreSQLText else { return nil }
            defer {
                texts.append(contentsOf: text.utf8)
                texts.append(0)
            }
            return texts.count
        }
        return texts.withUnsafeBytes { texts in
            let base = texts.bindMemory(to: CChar.self).baseAddress
            let pointers = starts.map { start in start.flatMap { start in base.map { $0 + start } } }
            return pointers.withUnsafeBufferPointer {
                library.sendExecute(handle, name, Int32($0.count), $0.baseAddress, nil, nil, 0)
            }
        }
    }

    private func send(_ command: Command, _ send: () -> Int32) {
        rows = []
        error = nil
        // What is not sent whole is not executed: the end of the message tells the server to.
        guard send() == 1, flush() else { return breakOff() }
        self.command = command
    }

    /// Sends what the socket takes, and watches it for the rest; returns false if the connection is lost.
    private func flush() -> Bool {
        let status = library.flush(handle)
        let wanted: Poller.Readiness = status == 1 ? [.readable, .writable] : .readable
        if let key, wanted != interest {
            interest = wanted
            loop.change(key, descriptor, wanted)
        }
        return status >= 0
    }

    private func receive() {
        let isAlive = library.consumeInput(handle) == 1 && flush()
        var isAfterResult = false
        while key != nil, case let command = command, command.isRunning, library.isBusy(handle) == 0 {
            let result = library.result(handle)
            defer { isAfterResult = result != nil }
            if group != nil {
                // libpq returns nil after each statement's result; two nils in a row mean that the connection is lost.
                if let result { add(PostgreSQLResult(library, result).outcome) } else { isLost = !isAfterResult }
            } else if let result {
                switch PostgreSQLResult(library, result).outcome {
                case .rows(let rows): self.rows = rows
                case .error(let error): self.error = error
                case .lost, .unexpected, .endOfGroup, .skipped: isLost = true
                }
            } else {
                complete(command)
            }
            if isLost { break }
        }
        if !isAlive || isLost { breakOff() }
    }

    /// Adds a result to the group, or ends it.
    private func add(_ outcome: PostgreSQLResult.Outcome) {
        switch outcome {
        case .rows(let rows): group?.add(rows)
        case .error(let error): group?.add(error)
        case .skipped: break
        case .endOfGroup: completeGroup()
        case .lost, .unexpected: isLost = true
        }
    }

    private func completeGroup() {
        guard let group, library.pipeline?.exit(handle) == 1, group.isDone || group.error != nil else {
            isLost = true
            return
        }
        command = .none
        self.group = nil
        if let error = group.error {
            if error.endsConnection {
                group.fail(error.databaseError)
                return close()
            }
            // The server has rolled all of them back.
            if error.isOutdatedStatement, case .statement(let text, _)? = group.jobs.first?.work { prepared[text] = nil }
            pool.retry(group, error.databaseError)
        } else {
            pool.noteSuccess()
            group.finish()
        }
        proceed()
    }

    /// The server is ready for the next command.
    private func complete(_ command: Command) {
        self.command = .none
        if error == nil { pool.noteSuccess() }
        guard let job else { return error?.endsConnection == true ? close() : proceed() }
        switch (command, job.work, error) {
        case (.prepare(let name), .statement(let text, let parameters), nil):
            prepared[text] = name
            execute(name, parameters)
        case (.deallocate, .statement(let text, _), nil): prepare(text)
        case (.execute, .statement(let text, _), let error?) where error.isOutdatedStatement && lease == nil:
            prepared[text] = nil
            prepare(text)
        case (_, _, let error?): answer(.failure(error.databaseError))
        case (_, _, nil): answer(.success(rows))
        }
    }

    private func answer(_ answer: PostgreSQLJob.Answer) {
        job?.finish(answer)
        if case .commit? = job?.work { lease?.end(.unavailable("the transaction has ended")) }
        job = nil
        if error?.endsConnection == true { close() } else { proceed() }
    }

    /// Answers callers of a group that wait no longer; if none does, has the server stop it.
    private func endGroup(_ now: UInt64) {
        guard closingTime == .max, let group else { return }
        if group.failEnded(now, .unavailable("the database has not answered in time")) { stopCommand() }
    }

    /// Answers the caller of a job before the server has, and has the server stop it.
    private func giveUp(_ reason: DatabaseError) {
        job?.fail(reason)
        if case .begin? = job?.work { lease?.end(reason) }
        job = nil
        stopCommand()
    }

    /// Has the server stop what it executes, which has to obey soon.
    private func stopCommand() {
        limitTime()
        guard !isCancelling, let cancel = library.prepareCancel(handle) else { return }
        isCancelling = true
        let request = PostgreSQLCancel(library, cancel)
        let isStarted = WorkerThread.start(named: "pg-cancel") { [loop, pool, number] in
            request.send()
            loop.execute { pool.connection(number)?.cancelWasSent() }
        }
        if !isStarted { close() }
    }

    /// The request to cancel has arrived, or will not.
    func cancelWasSent() {
        isCancelling = false
        proceed()
    }

    private func limitTime() {
        guard closingTime == .max else { return }
        closingTime = Deadline.after(.nanoseconds(Int64(Self.grace))).nanoseconds
        loop.check(at: closingTime)
    }

    /// The connection is lost. A statement that was not sent is executed on another one.
    private func breakOff() {
        if let job, lease == nil, !command.mayHaveExecuted {
            self.job = nil
            pool.retry([job])
        }
        if let group, !command.mayHaveExecuted {
            self.group = nil
            pool.retry(group.jobs)
        }
        // An idle connection may end for many reasons; one that is at work may do so again at once.
        if command.isRunning { pool.noteFailure("the connection was lost") }
        close()
    }
}
