// The sessions of clients that begin with `initialize`.

import ExampleSupport
import Synchronization

/// The sessions that are open, within a bound: the one that was used the longest ago makes room.
final class MCPSessions: Sendable {
    static let maximum = 256

    /// The identifiers, the one that was used last at the end.
    private let open = Mutex<[String]>([])

    func begin() -> String {
        var generator = SystemRandomNumberGenerator()
        let id = HexadecimalText.text(generator.next()) + HexadecimalText.text(generator.next())
        open.withLock { open in
            if open.count >= Self.maximum { open.removeFirst() }
            open.append(id)
        }
        return id
    }

    /// Returns whether a session is open, which counts as a use.
    func use(_ id: String) -> Bool {
        open.withLock { open in
            guard let place = open.lastIndex(of: id) else { return false }
            open.append(open.remove(at: place))
            return true
        }
    }

    /// Returns whether there was such a session.
    func end(_ id: String) -> Bool {
        open.withLock { open in
            guard let place = open.lastIndex(of: id) else { return false }
            open.remove(at: place)
            return true
        }
    }
}
