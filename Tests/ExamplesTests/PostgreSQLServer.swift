// PostgreSQL servers of tests.

import ExampleSupport
import Glibc
import Synchronization
import Telemetry

/// A throw-away PostgreSQL server on a free port of this host. It ends with its object, and with the process of the tests.
final class PostgreSQLServer: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static let user = "ada"
    static let password = "open-sesame-4711"

    /// The server that all tests share; nil where PostgreSQL is not installed, which is reported once.
    static let shared: PostgreSQLServer? = {
        guard let programs else {
            Output.error.line("PostgreSQL is not installed (no initdb in PATH or /usr/lib/postgresql): its tests are skipped")
            return nil
        }
        do { return try PostgreSQLServer(programs: programs) } catch {
            Output.error.line("PostgreSQL cannot be started (\(error)): its tests are skipped")
            return nil
        }
    }()

    let port: Int
    private let programs: String
    private let directory: String
    private let hasSmallDisk: Bool
    private let databases = Atomic(0)
    /// The server ends when this descriptor is closed.
    private let lifeline: Mutex<Int32>

    /// Starts a server of a test's own, which may be killed.
    ///
    /// - Parameter hasSmallDisk: whether the server has a disk of 4 MiB at ``smallDisk``, which needs the rights of root.
    static func own(hasSmallDisk: Bool = false) throws -> PostgreSQLServer {
        guard let shared else { throw Failure(description: "PostgreSQL cannot be started") }
        return try PostgreSQLServer(programs: shared.programs, hasSmallDisk: hasSmallDisk, files: "\(shared.directory)/template")
    }

    /// Creates the files of a server and starts it; it accepts connections some time later.
    ///
    /// - Parameter files: those of a server that was never started, which are copied; nil makes such files, which takes longer.
    private init(programs: String, hasSmallDisk: Bool = false, files: String? = nil) throws {
        self.programs = programs
        self.hasSmallDisk = hasSmallDisk
        var template = Array("/tmp/telemetry-postgresql-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(description: "no temporary folder") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard let port = ScriptedServer.freePort() else { throw Failure(description: "no free port") }
        self.port = port
        lifeline = Mutex(-1)
        if geteuid() == 0 {
            let account = Self.account
            chown(directory, account.user, account.group)
        }
        if hasSmallDisk { mkdir(smallDisk, 0o700) }
        let initialize = """
            printf '%s' '\(Self.password)' > "$0/password"
            "$@" --pgdata="$0/template" --username=\(Self.user) --pwfile="$0/password" --auth=scram-sha-256 --encoding=UTF8 --no-locale \
            --no-sync > "$0/initdb.log" 2>&1
            """
        if files == nil {
            let (status, input) = try run(initialize, Self.unprivileged + ["\(programs)/initdb"])
            Glibc.close(input)
            guard status == 0 else { throw Failure(description: "initdb has failed, see \(directory)/initdb.log") }
        }
        let (status, input) = try run(#"cp -a "$1" "$0/data""#, [files ?? "\(directory)/template"])
        Glibc.close(input)
        guard status == 0 else { throw Failure(description: "the files of a server cannot be copied") }
        try start()
    }

    deinit {
        Glibc.close(lifeline.withLock { $0 })
    }

    /// Creates an empty database and returns its URL.
    func newDatabase() async throws -> String {
        let number = databases.add(1, ordering: .relaxed).newValue
        try await administer { database in _ = try await database.rows(DatabaseStatement("CREATE DATABASE test\(number)")) }
        return url("test\(number)")
    }

    func url(_ database: String = "postgres") -> String {
        "postgres://\(Self.user):\(Self.password)@127.0.0.1:\(port)/\(database)"
    }

    /// Executes statements as the superuser, in the database of that name.
    func administer(_ name: String = "postgres", _ body: (Database) async throws -> Void) async throws {
        let database = try await Database.open(
            ServiceEnvironment(["DATABASE_URL": url(name), "DATABASE_TIMEOUT": "60000", "DATABASE_START_TIMEOUT": "60000"]),
            defaultFile: "", ServiceHarness.telemetry("administrator", InMemorySpanExporter()), migrations: [])
        do { try await body(database) } catch {
            await database.close()
            throw error
        }
        await database.close()
    }

    /// Kills the server with all its processes, as a failing machine would.
    func kill() throws {
        let file = fopen("\(directory)/data/postmaster.pid", "r")
        guard let file else { throw Failure(description: "the server does not run") }
        var identifier: Int32 = 0
        withUnsafeMutablePointer(to: &identifier) { pointer in _ = withVaList([pointer]) { vfscanf(file, "%d", $0) } }
        fclose(file)
        // One that is stopped starts no further process.
        guard identifier > 1, Glibc.kill(identifier, SIGSTOP) == 0 else { throw Failure(description: "no process \(identifier)") }
        let children = ShellScript.words(of: "/proc/\(identifier)/task/\(identifier)/children").compactMap { pid_t($0) }
        for process in [identifier] + children { Glibc.kill(process, SIGKILL) }
        // It cannot be started again while the file names a process, or one of its processes has its shared memory.
        _ = lifeline.withLock { write($0, "killed\n", 7) }
        try ShellScript.waitForEnd(of: identifier, isGone: true)
        for child in children { try ShellScript.waitForEnd(of: child) }
    }

    /// Starts the server, again if it was killed.
    func start() throws {
        // A line says that the server was killed, and what is said before the end of the input keeps the files. The shell that waits for it
        // is no child of the tests: an ended child that is not waited for would keep exit tests from seeing theirs. It does not hold the
        // tests' output open either.
        let script = """
            exec 3<&0 > "$0/log" 2>&1
            (
                "$@" 3<&- &
                server=$!
                read -r said <&3
                [ "$said" = killed ] || kill -QUIT $server 2> /dev/null
                wait $server
                [ "$said" = killed ] && read -r said <&3
                [ "$said" = keep ] || rm -rf "$0"
            ) &
            """
        // What is written is there after the end of all processes, which is what tests try; only a machine that fails would lose it.
        let options = [
            "-D", "\(directory)/data", "-p", "\(port)", "-k", directory, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off",
        ]
        let command = Self.unprivileged + ["\(programs)/postgres"] + options + ["-c", "max_connections=300"]
        let (_, input) = try run(script, hasSmallDisk ? mountingSmallDisk + command : command)
        let earlier = lifeline.withLock { lifeline in
            defer { lifeline = input }
            return lifeline
        }
        guard earlier >= 0 else { return }
        _ = write(earlier, "keep", 4)
        Glibc.close(earlier)
    }

    /// The folder of the small disk, which only the server sees: it is mounted in the server's own namespace, and goes with it.
    var smallDisk: String { "\(directory)/small" }

    private var mountingSmallDisk: [String] {
        let options = "size=4m,mode=700,uid=\(Self.account.user),gid=\(Self.account.group)"
        return Self.inOwnNamespace + ["sh", "-c", #"mount -t tmpfs -o "$1" small "$0" && shift && exec "$@""#, smallDisk, options]
    }

    private static let inOwnNamespace = ["unshare", "--mount"]

    /// Whether a server can have a small disk here.
    static let canMount: Bool = {
        let words = inOwnNamespace + ["mount", "-t", "tmpfs", "small", "/mnt"]
        return geteuid() == 0 && system(words.joined(separator: " ") + " 2> /dev/null") == 0
    }()

    /// The folder with PostgreSQL's programs.
    static let programs: String? = {
        var folders = (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":").map { String($0) }
        for version in (10...30).reversed() { folders.append("/usr/lib/postgresql/\(version)/bin") }
        return folders.first { access("\($0)/initdb", X_OK) == 0 && access("\($0)/postgres", X_OK) == 0 }
    }()

    /// PostgreSQL refuses to run as root.
    private static let unprivileged: [String] =
        geteuid() == 0 ? ["setpriv", "--reuid=\(account.user)", "--regid=\(account.group)", "--clear-groups"] : []

    private static let account: (user: uid_t, group: gid_t) = {
        guard let entry = getpwnam("postgres") ?? getpwnam("nobody") else { return (65534, 65534) }
        return (entry.pointee.pw_uid, entry.pointee.pw_gid)
    }()

    private func run(_ script: String, _ words: [String]) throws -> (status: Int32, input: Int32) {
        try ShellScript.run(script, folder: directory, words, environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"])
    }
}
