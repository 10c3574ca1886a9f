// The connections to PostgreSQL and the jobs that wait for one.

import Telemetry

/// A bounded number of connections, made when they are needed, and a bounded queue.
///
/// `@unchecked`: it is used on the loop's thread only, where its asserts are.
final class PostgreSQLPool: EventHandler, @unchecked Sendable {
    private let library: PostgreSQLLibrary
    private let address: PostgreSQLAddress
    private let loop: EventLoop
    private let counts: DatabasePool
    private let connectTimeout: Duration
    private let closing = DatabaseClosing(count: 1)

    private var connections: [Int: PostgreSQLConnection] = [:]
    private var idle: [PostgreSQLConnection] = []
    private var waiting: [PostgreSQLJob] = []
    private var servesSoon = false
    /// Attempts to connect, each on a thread of its own.
    private var attempts = 0
    private var connectionNumber = 0
    private var backoff = PostgreSQLBackoff()
    private var lastFailure: String?
    private var isClosed = false
    /// What the loop knows the pool by, until it has ended.
    private var key: UInt64?

    init(
        _ library: PostgreSQLLibrary, _ address: PostgreSQLAddress, _ loop: EventLoop, _ counts: DatabasePool, connectTimeout: Duration
    ) {
        self.library = library
        self.address = address
        self.loop = loop
        self.counts = counts
        self.connectTimeout = connectTimeout
        loop.execute { self.key = loop.add(self) }
    }

    // MARK: Jobs

    func submit(_ job: PostgreSQLJob) {
        loop.assertIsCurrent()
        if job.isCancelled { return job.fail(.cancelled) }
        if isClosed { return job.fail(.unavailable("the database is closed")) }
        guard waiting.count < DatabaseLimit.waitingStatements else {
            return job.fail(.unavailable("\(waiting.count) statements wait for the database already"))
        }
        counts.requestArrived()
        waiting.append(job)
        loop.check(at: job.deadline.nanoseconds)
        if job.sharesRoundTrip { serveSoon() } else { serve() }
    }

    /// Executes jobs before those that wait, since they had a connection already.
    func retry(_ jobs: [PostgreSQLJob]) {
        for _ in jobs { counts.requestArrived() }
        waiting.insert(contentsOf: jobs, at: 0)
        loop.check(at: 0)
    }

    /// Executes the jobs of a group that has failed again, but for those whose time is over; alone those that may be the cause.
    func retry(_ group: PostgreSQLGroup, _ error: DatabaseError) {
        for job in group.suspects { job.executeAlone() }
        retry(
            group.jobs.filter { job in
                if job.isCancelled { job.fail(.cancelled) } else if job.deadline.hasPassed { job.fail(error) } else { return true }
                return false
            })
    }

    func cancel(_ job: PostgreSQLJob) {
        loop.assertIsCurrent()
        if let index = waiting.firstIndex(where: { $0 === job }) {
            waiting.remove(at: index).fail(.cancelled)
            counts.requestFailed(timedOut: false)
            endIfDone()
        } else {
            for connection in connections.values { connection.cancel(job) }
        }
    }

    func checkTime(_ now: UInt64) -> UInt64 {
        waiting.removeAll { job in
            guard job.deadline.nanoseconds <= now else { return false }
            counts.requestFailed(timedOut: true)
            job.fail(
                .unavailable(lastFailure.map { "no connection to the database: \($0)" } ?? "no connection was free in time"))
            return true
        }
        serve()
        endIfDone()
        return waiting.map(\.deadline.nanoseconds).min() ?? .max
    }

    /// The pool has no descriptor; this is called when the loop cannot go on.
    func isReady(_ readiness: Poller.Readiness) {
        isClosed = true
        for job in waiting { job.fail(.unavailable("the program has closed the descriptors of its database")) }
        waiting = []
        closing.countDown()
    }

    /// Serves when the loop has done what is due already, so that statements that come together are sent together.
    private func serveSoon() {
        guard !servesSoon else { return }
        servesSoon = true
        loop.execute { [self] in
            servesSoon = false
            serve()
        }
    }

    private func serve() {
        while let first = waiting.first, let connection = idle.popLast() {
            let jobs = Array(waiting.prefix(groupCount(first, on: connection)))
            waiting.removeFirst(jobs.count)
            counts.requestServed(since: first.submitted)
            for _ in jobs.dropFirst() { counts.requestJoined() }
            if jobs.count == 1 { connection.serve(first) } else { connection.serve(PostgreSQLGroup(jobs)) }
        }
        connect()
    }

    /// Returns how many of the jobs that wait a connection gets at once.
    private func groupCount(_ first: PostgreSQLJob, on connection: PostgreSQLConnection) -> Int {
        guard first.sharesRoundTrip, case .statement(let text, _) = first.work, connection.takesGroups(of: text) else { return 1 }
        return waiting.prefix(PostgreSQLGroup.maximumCount).prefix { job in
            guard job.sharesRoundTrip, case .statement(text, _) = job.work else { return false }
            return true
        }.count
    }

    // MARK: Connections

    func connection(_ number: Int) -> PostgreSQLConnection? { connections[number] }

    /// Takes a connection back that is ready for the next job.
    func takeBack(_ connection: PostgreSQLConnection) {
        loop.assertIsCurrent()
        counts.connectionReturned(since: connection.takenAt)
        idle.append(connection)
        serve()
        endIfDone()
    }

    /// Forgets a connection that has ended.
    func remove(_ connection: PostgreSQLConnection) {
        loop.assertIsCurrent()
        guard connections.removeValue(forKey: connection.number) != nil else { return }
        if let index = idle.firstIndex(where: { $0 === connection }) {
            idle.remove(at: index)
        } else {
            counts.connectionReturned(since: connection.takenAt)
        }
        counts.connectionClosed()
        // Soon, and not here: the caller may be in the middle of its work.
        loop.check(at: 0)
    }

    func noteSuccess() {
        backoff.succeed()
        lastFailure = nil
    }

    func noteFailure(_ reason: String) {
        backoff.fail(at: Deadline.after(.zero).nanoseconds)
        lastFailure = reason
    }

    /// Refuses further jobs, and returns when those that were accepted have ended.
    func close() async {
        if loop.execute({ [self] in
            isClosed = true
            endIfDone()
        }) {
            await closing.wait()
        }
    }

    private func endIfDone() {
        guard isClosed, waiting.isEmpty, attempts == 0, idle.count == connections.count else { return }
        for connection in idle { connection.close() }
        if let key { loop.remove(key) }
        key = nil
        closing.countDown()
    }

    /// Makes as many connections as jobs wait for; after a failure one at a time.
    private func connect() {
        while attempts < waiting.count, attempts + connections.count < counts.maximum, backoff.failures == 0 || attempts == 0 {
            guard Deadline(nanoseconds: backoff.nextAttempt).hasPassed else { return loop.check(at: backoff.nextAttempt) }
            attempts += 1
            let start = ContinuousClock.now
            let isStarted = WorkerThread.start(named: "pg-connect") { [self, library, address, connectTimeout] in
                let result = PostgreSQLHandle.connect(library, address, until: .after(connectTimeout))
                loop.execute { self.attemptEnded(result, start.duration(to: .now)) }
            }
            if !isStarted { attemptEnded(.failure(PostgreSQLHandle.Failure(reason: "the system gives no more threads")), .zero) }
        }
    }

    private func attemptEnded(_ result: Result<PostgreSQLHandle, PostgreSQLHandle.Failure>, _ duration: Duration) {
        loop.assertIsCurrent()
        attempts -= 1
        switch result {
        case .success(let handle):
            connectionNumber += 1
            guard let connection = PostgreSQLConnection(connectionNumber, library, handle, loop, self) else {
                library.finish(handle.pointer)
                noteFailure("the system gives no more descriptors")
                break
            }
            connections[connection.number] = connection
            counts.connectionOpened(in: duration)
            idle.append(connection)
            // Whether the server can be relied on is known when it has executed something; the next attempt need not wait.
            lastFailure = nil
        case .failure(let failure): noteFailure(failure.reason)
        }
        serve()
        endIfDone()
    }
}
