// The Redis of the demo, where the machine has one.

import ExampleSupport
import Glibc

/// A throw-away Redis on a free port, with a password.
struct RedisProcess: Sendable {
    /// Host and port, as the names of spans have them.
    let location: String
    let url: String

    /// Starts the `redis-server` of the machine; nil where none is installed.
    init?(_ children: Children, folder: String, password: String) throws(StartFailure) {
        let folders = (ServiceEnvironment.process["PATH"] ?? "").split(separator: ":").map { String($0) } + ["/usr/bin"]
        guard let place = folders.first(where: { access("\($0)/redis-server", X_OK) == 0 }) else { return nil }
        let port = try Self.freePort()
        location = "127.0.0.1:\(port)"
        url = "redis://:\(password)@\(location)"
        // Redis does not end with its input, as services do; the shell sees to that, and passes on the signal to stop.
        let script = """
            exec 3<&0
            "$@" > "$0/redis.log" 2>&1 < /dev/null 3<&- &
            server=$!
            trap 'kill $server 2> /dev/null' TERM
            (cat <&3 > /dev/null; kill $server 2> /dev/null) > /dev/null 2>&1 &
            wait $server
            wait $server
            """
        let options = [
            "--port", "\(port)", "--bind", "127.0.0.1", "--requirepass", password, "--dir", folder, "--appendonly", "yes", "--save", "",
        ]
        try children.start(
            "redis-server", "/bin/sh", ["-c", script, folder, "\(place)/redis-server"] + options, environment: [:], showsOutput: false)
    }

    private static func freePort() throws(StartFailure) -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw StartFailure(.unavailable, "There is no free port for Redis.") }
        return Int(in_port_t(bigEndian: address.sin_port))
    }
}
