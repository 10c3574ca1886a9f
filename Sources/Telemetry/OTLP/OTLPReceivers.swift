// The receivers of an exporter, resolved from code and environment.

/// The receiver of an exporter, or the fleet of equal ones.
struct OTLPReceivers: Sendable {
    /// The settings of each endpoint, at least one.
    private let endpoints: [OTLPSettings]
    let directories: [HostDirectory]
    private let fleet: OTLPFleet?

    init(
        _ signal: OTLPSignal, _ arguments: OTLPOptions, _ environment: EnvironmentReader, _ resolver: any NameResolver,
        _ clock: TelemetryClock
    ) throws(OTLPSettings.Problem) {
        if let problem = arguments.problem { throw OTLPSettings.Problem(error: problem, isFromEnvironment: false) }
        var endpoints: [OTLPSettings] = []
        let isInCode = arguments.endpoint != nil || !arguments.endpoints.isEmpty
        let listed = isInCode ? [] : try OTLPListedEndpoint.all(for: signal, in: environment)
        for endpoint in listed { endpoints.append(try OTLPSettings(signal, arguments, environment, listed: endpoint)) }
        if listed.isEmpty {
            for options in arguments.ofEachEndpoint { endpoints.append(try OTLPSettings(signal, options, environment)) }
        }
        self.endpoints = endpoints
        // One estimate for all: departures in a row are counted whichever receivers they are from.
        let answers = AnswerTimes()
        directories = endpoints.map { $0.directory(resolver, clock, answers) }
        // Metrics belong to no trace.
        let loadBalancing = arguments.loadBalancing ?? OTLPListedEndpoint.loadBalancing(of: signal, in: environment)
        let routes = loadBalancing.way == .traceID && signal.traceID != nil
        fleet = endpoints.count > 1 || routes ? OTLPFleet(endpoints, directories, routesTraces: routes, clock) : nil
    }

    /// The settings of the first endpoint.
    var first: OTLPSettings { endpoints[0] }

    /// The receivers in messages.
    var destination: String { endpoints.map(\.destination).joined(separator: ", ") }

    /// The receivers as a key, whatever their order in the settings.
    var key: String { endpoints.map(\.destination).sorted().joined(separator: ", ") }

    /// A description of the settings for messages, without passwords and values of headers.
    var summary: String {
        guard let fleet else { return first.summary }
        return endpoints.map(\.summary).joined(separator: "; ") + (fleet.routesTraces ? ", each trace to one member" : ", one at a time")
    }

    /// Returns a sender with connections of its own.
    func sender() -> any OTLPRequestSender {
        fleet.map { OTLPFleetSender($0, endpoints) } ?? OTLPSender(first, directories[0])
    }
}
