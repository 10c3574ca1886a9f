// Systems of services whose processes and stores are killed in mid-scenario.

import ExampleSupport
import Glibc
import Synchronization
import Telemetry
import Testing

/// Services as processes, on ports and stores that outlast them.
final class ServiceProcesses: Sendable {
    private let ports: [String: Int]
    private let running = Mutex<[String: ChildProcess]>([:])
    private let variables: @Sendable (ServiceProcesses, _ program: String) -> [String: String]

    /// - Parameter variables: the variables of a program beside those that all services get.
    init(_ programs: [String], _ variables: @escaping @Sendable (ServiceProcesses, _ program: String) -> [String: String]) throws {
        var ports: [String: Int] = [:]
        for program in programs {
            let port: Int = try #require(ScriptedServer.freePort())
            ports[program] = port
        }
        self.ports = ports
        self.variables = variables
    }

    func url(_ program: String) -> String { "http://127.0.0.1:\(ports[program] ?? 1)" }

    /// Starts a service on its port, and waits until it listens.
    func start(_ program: String) async throws {
        let own = ["PORT": "\(ports[program] ?? 0)"]
        let (child, _) = try await ChildProcess.service(program, own.merging(variables(self, program)) { $1 })
        running.withLock { $0[program] = child }
    }

    /// Kills a service as a failing machine would.
    func kill(_ program: String) async {
        guard let child = running.withLock({ $0.removeValue(forKey: program) }) else { return }
        Glibc.kill(child.identifier, SIGKILL)
        #expect(await child.exitStatus() == nil)
    }

    /// Ends a service as its operator would. One whose telemetry has no receiver needs a short `STOP_TIMEOUT`.
    func end(_ program: String) async throws {
        let child = running.withLock { $0.removeValue(forKey: program) }
        let ending = try #require(child, "\(program) runs")
        Glibc.kill(ending.identifier, SIGTERM)
        #expect(await ending.exitStatus() == 0, "\(program) ends by itself")
    }

    /// Kills all services; what they have not exported yet has no receiver.
    func stop() async {
        let children = running.withLock { running in
            defer { running = [:] }
            return running.values
        }
        for child in children { Glibc.kill(child.identifier, SIGKILL) }
        for child in children { _ = await child.exitStatus() }
    }

    /// What a test kills in mid-scenario, and starts again.
    struct Victim: Sendable {
        let name: String
        let kill: @Sendable () async throws -> Void
        let start: @Sendable () async throws -> Void
        /// Whether each step waits for it until a timeout, so that one tells as much as several.
        var isWaitedFor = false
    }

    /// The processes as victims.
    func victims(_ programs: [String]) -> [Victim] {
        programs.map { program in
            Victim(name: program, kill: { await self.kill(program) }, start: { try await self.start(program) })
        }
    }

    /// Goes on with a scenario while one victim after the other is killed and started again; each time it must recover.
    ///
    /// - Parameters:
    ///   - steps: those before each victim is killed, all of which must succeed in the end, and those while it is away, which may fail; one of these
    ///     if it waits for the victim.
    ///   - step: returns whether all of it was acknowledged.
    static func kill(_ victims: [Victim], steps: (before: Int, away: Int), _ step: () async -> Bool) async throws {
        for victim in victims {
            for _ in 0..<steps.before {
                // A service that waits for another one for seconds refuses a step on a busy machine.
                let isAcknowledged = await eventually { await step() }
                #expect(isAcknowledged, "before \(victim.name) is killed")
            }
            try await victim.kill()
            for _ in 0..<(victim.isWaitedFor ? 1 : steps.away) { _ = await step() }
            try await victim.start()
            // What broke with the victim may cost some more.
            let recovers = await eventually { await step() }
            #expect(recovers, "\(victim.name) recovers")
        }
    }
}

/// The stores of a system that is killed in parts: databases of one kind, and Redis where it is installed.
final class ProcessStores: Sendable {
    let folder: TemporaryDirectory
    private let kind: DatabaseKind
    private let postgreSQL: PostgreSQLServer?
    private let databases = Mutex<[String: String]>([:])
    private let redis: Mutex<RedisServer?>

    init(_ kind: DatabaseKind, withRedis: Bool = false) throws {
        (self.kind, folder) = (kind, try TemporaryDirectory())
        postgreSQL = kind == .postgresql ? try PostgreSQLServer.own() : nil
        redis = Mutex(withRedis && RedisServer.program != nil ? try RedisServer(folder: folder.path) : nil)
    }

    /// Makes an empty database for each of these programs.
    func makeDatabases(_ programs: [String]) async throws {
        for program in programs {
            let url = try await postgreSQL?.newDatabase() ?? "sqlite:\(folder.path)/\(program)"
            databases.withLock { $0[program] = url }
        }
    }

    /// What `DATABASE_TIMEOUT` is: long where the store stays, and shorter where each statement waits for one that was killed.
    var databaseTimeout: String { postgreSQL == nil ? "60000" : "2000" }

    /// What `DATABASE_URL` is for a program.
    func database(_ program: String) -> String { databases.withLock { $0[program] } ?? "" }

    /// What `REDIS_URL` is; nil without a Redis.
    var redisURL: String? {
        redis.withLock { $0.map { "redis://:\(RedisServer.password)@127.0.0.1:\($0.port)" } }
    }

    /// The stores that are processes, as victims.
    var victims: [ServiceProcesses.Victim] {
        var victims: [ServiceProcesses.Victim] = []
        if let postgreSQL {
            victims.append(
                .init(name: "PostgreSQL", kill: { try postgreSQL.kill() }, start: { try postgreSQL.start() }, isWaitedFor: true))
        }
        if redisURL != nil {
            victims.append(
                .init(
                    name: "Redis", kill: { try self.redis.withLock { try $0?.kill() } },
                    start: {
                        try self.redis.withLock { redis in redis = try RedisServer(port: redis?.port, folder: self.folder.path) }
                    }))
        }
        return victims
    }
}
