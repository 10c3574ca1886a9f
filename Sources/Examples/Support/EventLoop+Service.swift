// The thread that a service does its work on.

package import Telemetry

extension EventLoop {
    /// The thread of the process's connections to its clients, to other services and to PostgreSQL; nil if the system gives none.
    ///
    /// A request whose handler stays on this thread changes threads only where it waits for a disk or computes for long. A global
    /// instance, since transports are values that are made wherever a service calls another one.
    package static let ofService = EventLoop(named: "service")
}
