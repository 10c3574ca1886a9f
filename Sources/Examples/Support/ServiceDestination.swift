// Where a service's telemetry goes, and how its resource describes it.

import Telemetry

/// The destination and the resource of a service's telemetry, as the service's own variables or those of an operator say.
///
/// The service's own are `NAMESPACE`, `INSTANCE_NAME` and `OTEL_LOCATION`. Where `OTEL_LOCATION` is not set but a variable of the SDK names an
/// exporter, as the OpenTelemetry operator injects them, those of the SDK count, and nothing else is needed.
struct ServiceDestination: Sendable {
    /// The variables of which one is enough to do without `OTEL_LOCATION`.
    private static let injected = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_TRACES_EXPORTER"]

    /// The base URL of all signals; nil leaves exporters and endpoints to the variables of the SDK.
    let endpoint: String?
    /// The resource that beats the environment; nil if the environment beats what the detectors find.
    let resource: Resource?
    let detectors: [any ResourceDetector]

    /// Whether the variables of the SDK choose exporters and endpoints.
    var isInjected: Bool { endpoint == nil }

    /// The exporters of metrics, or of log records, where their variable is not set.
    var standardExporter: String { isInjected ? "otlp" : "" }

    init(_ environment: ServiceEnvironment, for service: String, name: String, version: String) throws(StartFailure) {
        let isInjected = environment["OTEL_LOCATION"] == nil && Self.injected.contains { environment[$0] != nil }
        guard isInjected else {
            let required = try environment.required([
                "NAMESPACE": "the namespace of the service, as \"local\"",
                "INSTANCE_NAME": "the name of this instance, as \"\(service)-1\"",
                "OTEL_LOCATION": "where spans are sent by OTLP/HTTP, as \"localhost:4318\"",
            ])
            endpoint = try environment.receiver("OTEL_LOCATION")
            resource = .service(name, version: version, namespace: required[0], instanceID: required[1])
            detectors = [.service, .process, .host, .os, .container]
            return
        }
        let program = Resource.service(
            name, version: version, namespace: environment["NAMESPACE"], instanceID: environment["INSTANCE_NAME"])
        (endpoint, resource) = (nil, nil)
        detectors = [.service, .process, .host, .os, .container, .kubernetes, ProgramDetector(resource: program)]
    }
}

/// Finds what the program knows of itself, which variables such as `OTEL_SERVICE_NAME` beat.
private struct ProgramDetector: ResourceDetector {
    let name = "program"
    let resource: Resource

    func detect() -> Resource { resource }
}
