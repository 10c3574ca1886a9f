// A resolver whose answers a test defines.

import Synchronization

@testable import Telemetry

/// Answers every name with the addresses that a test has set last.
final class ScriptedResolver: NameResolver {
    private struct State {
        var answer: Result<ResolvedName, SocketAddress.ResolutionError>
        var count = 0
    }

    private let state: Mutex<State>

    /// - Parameter hosts: numeric addresses, as `127.0.0.2`.
    init(_ hosts: [String] = []) {
        state = Mutex(State(answer: .success(ResolvedName(addresses: []))))
        answer(hosts)
    }

    func answer(_ hosts: [String], lifetime: Duration? = nil) {
        let addresses = hosts.compactMap { try? SocketAddress.resolve(host: $0, port: 0, isNumeric: true).get().first }
        state.withLock { $0.answer = .success(ResolvedName(addresses: addresses, lifetime: lifetime)) }
    }

    func fail() { state.withLock { $0.answer = .failure(.init(reason: "the name server does not answer")) } }

    /// The number of lookups so far.
    var count: Int { state.withLock { $0.count } }

    func resolve(host: String, port: Int) -> Result<ResolvedName, SocketAddress.ResolutionError> {
        state.withLock { state in
            state.count += 1
            return state.answer.map { name in
                ResolvedName(addresses: name.addresses.map { $0.with(port: port) }, lifetime: name.lifetime)
            }
        }
    }
}
