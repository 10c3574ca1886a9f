// A logger whose records go to a test receiver, and a request of another implementation.

@testable import Telemetry

enum LogDelivering {
    /// Emits records, exports them to a receiver and flushes; returns the outcome.
    static func deliver(
        to endpoint: String, records: Int = 1, timeout: Duration = .patience, headers: [String: String]? = nil,
        compression: OTLPCompression? = nil, encoding: OTLPEncoding? = nil, options: OTLPOptions = OTLPOptions()
    ) async throws -> (result: FlushResult, health: PipelineHealth) {
        var options = options
        (options.headers, options.timeout, options.retry) = (headers, timeout, OTLPDelivering.quick)
        (options.compression, options.encoding) = (compression, encoding)
        return try await deliver(with: OTLPLogExporter(endpoint: endpoint, options: options), records: records)
    }

    /// The same with any exporter, whose settings come from code and an empty environment.
    static func deliver(
        with exporter: any LogExporter, records: Int, environment: [String: String] = [:],
        batch: BatchOptions = BatchOptions(scheduleDelay: .seconds(3600))
    ) async throws -> (result: FlushResult, health: PipelineHealth) {
        let processor = BatchLogProcessor(exporter, options: batch)
        try processor.configure(EnvironmentReader(environment))
        let provider = LoggerProvider(
            resource: Resource(attributes: ["service.name": "sender"], schemaURL: "https://example.com/resource"),
            processors: [processor])
        for index in 0..<records {
            let scope = InstrumentationScope(name: "scope \(index % 2)", version: "1", schemaURL: "https://example.com/scope")
            provider.logger(scope).info("record \(index)", ["index": AttributeValue(index)])
        }
        let result = await provider.forceFlush(deadline: .after(.patience))
        await _ = provider.shutdown(deadline: .after(.patience))
        return (result, try provider.health.first.unwrapped())
    }

    /// A request with three records, written by Google's protobuf library for Python with opentelemetry-proto 1.45.
    static let foreignRequest = bytes(
        "0ab6030a180a160a0c736572766963652e6e616d6512060a0473686f701296030a310a0a6d792e6c6962726172791205312e302e301a1c0a"
            + "126d792e73636f70652e61747472696275746512060a04736f6d651281020900eb3af5faeb6f1510091a0b496e666f726d6174696f6e2a13"
            + "0a114578616d706c6520226c6f67220a01c3a932100a06737472696e6712060a04736f6d65320d0a07626f6f6c65616e1202100032140a05"
            + "6c65617374120b188080808080808080800132130a06646f75626c651209211283c0caa1ed8340320e0a05627974657312053a03fbff0032"
            + "0b0a076e6f7468696e67120032140a046c697374120c2a0a0a060a046d616e790a0032190a036d6170121232100a0e0a08736f6d652e6b65"
            + "7912021001380245010000004a105b8efff798038103d269b633813fc60c5208eee19b7ec3c1b1745901eb3af5faeb6f15620c6f72646572"
            + "2e706c61636564123b2a30322e0a1f0a0161121a2a180a0218010a1232100a0e0a0162120921000000000000f07f0a0b0a05656d70747912"
            + "023200590100000000000000121d10184a105b8efff798038103d269b633813fc60c5902000000000000001a01731a0172")

    static func bytes(_ digits: String) -> [UInt8] {
        let values = digits.utf8.map { Hexadecimal.value(of: $0) ?? 0 }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }
}
