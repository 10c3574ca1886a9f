// The server of the `openssl` command as another implementation of TLS, with generated certificates.

import Foundation
import Testing

@testable import Telemetry

/// The openssl command.
enum OpenSSLCommand {
    static let path = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/opt/homebrew/bin/openssl"].first(
        where: FileManager.default.isExecutableFile)

    static var isInstalled: Bool { path != nil && FileManager.default.isExecutableFile(atPath: "/usr/bin/timeout") }
}

/// Certificates and keys for tests, made anew in each run.
enum TestCertificates {
    /// The folder that they lie in.
    static let folder: String = {
        let folder = FileManager.default.temporaryDirectory.appending(path: "telemetry-certificates-\(ProcessInformation.processID)").path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let shell = Process()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-ec", script]
        shell.currentDirectoryURL = URL(filePath: folder)
        shell.standardOutput = FileHandle.nullDevice
        shell.standardError = FileHandle.nullDevice
        try? shell.run()
        shell.waitUntilExit()
        atexit { try? FileManager.default.removeItem(atPath: TestCertificates.folder) }
        return folder
    }()

    static func file(_ name: String) -> String { "\(folder)/\(name)" }

    static var authority: String { file("authority.pem") }

    private static let script = """
        key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
        openssl req -x509 $key -keyout authority.key -out authority.pem -days 20 -subj "/CN=Test Authority"
        openssl req -x509 $key -keyout self-signed.key -out self-signed.pem -days 30 -subj "/CN=localhost" \\
            -addext "subjectAltName=DNS:localhost"
        issue() {
            openssl req $key -keyout "$1.key" -out "$1.csr" -subj "/CN=$1"
            printf 'subjectAltName=%s\\n' "$3" > "$1.extensions"
            openssl x509 -req -in "$1.csr" -CA authority.pem -CAkey authority.key -CAcreateserial -days "$2" \\
                -extfile "$1.extensions" -out "$1.pem"
        }
        issue server 30 DNS:localhost,IP:127.0.0.1
        issue other 30 DNS:example.org,DNS:*.example.net
        issue expired -1 DNS:localhost
        issue client 30 DNS:client
        openssl ec -in client.key -aes256 -passout pass:secret -out encrypted.key
        echo "no certificate" > text.pem
        """
}

/// A TLS server that relays bytes between a client and a script of the test.
final class OpenSSLServer {
    let port: Int
    private let process = Process()

    /// - Parameters:
    ///   - certificate: the name of a certificate of ``TestCertificates``.
    ///   - options: further ones of `openssl s_server`.
    ///   - connections: how many the server takes, one after another, before it ends.
    ///   - script: reads and writes the plain bytes on its own thread; successive connections appear as one.
    init(
        certificate: String = "server", options: [String] = [], connections: Int = 1,
        _ script: @escaping @Sendable (RawConnection, Ending) -> Void = { _, _ in }
    ) async throws {
        port = try #require(ScriptedServer.freePort())
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        let own = Socket(owning: ends[0])
        let theirs = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
        // It ends by itself even if the tests are killed.
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments =
            [
                "-s", "KILL", "120", try #require(OpenSSLCommand.path), "s_server", "-accept", "127.0.0.1:\(port)", "-naccept",
                "\(connections)", "-quiet",
                "-cert", TestCertificates.file("\(certificate).pem"), "-key", TestCertificates.file("\(certificate).key"),
            ] + options
        process.standardInput = theirs
        process.standardOutput = theirs
        process.standardError = FileHandle.nullDevice
        try process.run()
        try theirs.close()
        let ending = Ending(process.processIdentifier)
        _ = WorkerThread.start(named: "test-server") { script(RawConnection(own), ending) }
        let port = port
        try #require(await eventually { Self.isListening(port) })
    }

    deinit {
        if process.isRunning { Ending(process.processIdentifier)() }
    }

    /// Ends the server in the middle of whatever it does.
    struct Ending: Sendable {
        private let processID: Int32

        init(_ processID: Int32) {
            self.processID = processID
        }

        /// `timeout` leads a group of itself and the server. Other signals would be blocked, as they are on the thread that started it.
        func callAsFunction() { kill(-processID, SIGKILL) }
    }

    /// Returns whether the port is listened on, without connecting to it.
    private static func isListening(_ port: Int) -> Bool {
        let digits = String(port, radix: 16, uppercase: true)
        let address = ":" + String(repeating: "0", count: 4 - digits.count) + digits
        return (ProcessInformation.contents(of: "/proc/net/tcp") ?? "").split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.count > 3 && fields[1].hasSuffix(address) && fields[3] == "0A"
        }
    }
}

extension BlockingHTTPConnection {
    /// Posts pieces on a thread of its own, as the export worker does.
    func outcome(
        of pieces: [[UInt8]] = [[1]], headers: [(name: String, value: String)] = [], within duration: Duration = RawConnection.patience
    ) async -> Result<HTTPResponse, HTTPClientError> {
        await onOwnThread {
            let body = pieces.flatMap { $0 }
            return body.withUnsafeBytes { bytes -> Result<HTTPResponse, HTTPClientError> in
                var start = 0
                let parts = pieces.map { piece in
                    defer { start += piece.count }
                    return UnsafeRawBufferPointer(rebasing: bytes[start..<start + piece.count])
                }
                do throws(HTTPClientError) {
                    return .success(try self.post(headers: headers, body: parts, deadline: .after(duration)))
                } catch {
                    return .failure(error)
                }
            }
        }
    }
}

extension Result where Failure == HTTPClientError {
    var error: HTTPClientError? { if case .failure(let error) = self { error } else { nil } }
}
