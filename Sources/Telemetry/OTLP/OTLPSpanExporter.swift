// Sends spans to an OTLP receiver over HTTP.

import Synchronization

/// Sends spans to an OTLP receiver: protobuf over HTTP, one kept connection, retries inside the deadline.
///
/// What is not given in code comes from the `OTEL_EXPORTER_OTLP_*` variables. (OTLP specification, "OTLP/HTTP".)
public final class OTLPSpanExporter: ConfiguredExporter, ReportingExporter {
    private let sender: OTLPSender?
    let configurationError: ConfigurationError?
    let destinationName: String

    /// - Parameters:
    ///   - endpoint: the receiver's base URL, as `http://collector:4318`; `v1/traces` is appended.
    ///   - headers: sent with every request.
    ///   - timeout: the longest that delivering one batch may take, retries included; 10 seconds by default.
    ///   - retry: how long to wait between attempts.
    public convenience init(
        endpoint: String? = nil, headers: [String: String]? = nil, timeout: Duration? = nil, retry: RetryPolicy = RetryPolicy()
    ) {
        self.init(endpoint: endpoint, headers: headers, timeout: timeout, retry: retry, environment: .process)
    }

    init(
        endpoint: String? = nil, headers: [String: String]? = nil, timeout: Duration? = nil, retry: RetryPolicy = RetryPolicy(),
        environment: EnvironmentReader
    ) {
        let settings = OTLPSettings(
            signal: "TRACES", path: "v1/traces", endpoint: endpoint, headers: headers, timeout: timeout, environment: environment)
        destinationName = OTLPSettings.withoutUserInformation(settings.url)
        let expected = "a URL as http://collector:4318; https is not supported by this version"
        if let url = HTTPURL(settings.url), !url.isSecure {
            sender = OTLPSender(url: url, settings: settings, retry: retry)
            configurationError = nil
        } else {
            sender = nil
            let value = OTLPSettings.withoutUserInformation(endpoint ?? settings.url)
            if let variable = settings.endpointVariable {
                // A variable never stops a program from starting.
                configurationError = nil
                environment.report(variable, value, expected + "; nothing is exported")
            } else {
                configurationError = ConfigurationError(setting: "endpoint", value: value, expected: expected)
            }
        }
    }

    var maximumConcurrentExports: Int { 1 }

    var status: DestinationStatus { DestinationStatus(retries: sender?.retries ?? 0) }

    public func export(_ batch: borrowing SpanBatch, deadline: Deadline) async throws(ExportFailure) {
        guard let sender else { throw .rejected(reason: configurationError?.description ?? "the endpoint cannot be used") }
        try await sender.send(OTLPRequestBody(batch.items), deadline: deadline)
    }

    public func shutdown(deadline: Deadline) async -> FlushResult {
        sender?.shutdown()
        return .completed
    }
}

extension SpanExporter where Self == OTLPSpanExporter {
    /// Sends spans to an OTLP receiver over HTTP; without arguments to what the environment says, or to this host.
    public static func otlp(
        endpoint: String? = nil, headers: [String: String]? = nil, timeout: Duration? = nil, retry: RetryPolicy = RetryPolicy()
    ) -> Self {
        OTLPSpanExporter(endpoint: endpoint, headers: headers, timeout: timeout, retry: retry)
    }
}
