// The ways to spread requests over equal receivers.

/// How an exporter spreads its requests over the members of a fleet of receivers.
///
/// The members are the addresses of all its endpoints. With both ways a member that fails is left for a while (``AddressPolicy``), and its
/// requests go to others meanwhile.
public struct OTLPLoadBalancing: Sendable, Hashable {
    enum Way { case connection, traceID }

    let way: Way

    /// The names in variables and configuration files.
    static let names: KeyValuePairs<String, OTLPLoadBalancing> = ["connection": .byConnection, "trace_id": .byTraceID]

    /// Each connection leads to one member, chosen by chance, until it is old or fails: many exporters spread, and each request goes to one
    /// receiver as it is.
    public static let byConnection = OTLPLoadBalancing(way: .connection)

    /// All spans and log records of one trace go to one member, whichever exporter sends them, as collectors need that decide on whole
    /// traces.
    ///
    /// The member is found by rendezvous hashing: one that comes takes an equal share of the traces of each other, one that goes leaves its
    /// traces to the others, and no other trace moves. Where a name has both IPv4 and IPv6 addresses, the IPv4 addresses are the members. A
    /// request becomes one for each member. Records without a trace go to one member together, and metrics as ``byConnection``.
    public static let byTraceID = OTLPLoadBalancing(way: .traceID)
}
