// Attributes of the service instance.

/// Provides `service.instance.id`, and `service.name` from `OTEL_SERVICE_NAME`.
///
/// The identifier is a random UUID that is constant for the process. (Specification: resource SDK, "Resource
/// detector name"; semantic conventions: `service.instance.id`.)
public struct ServiceResourceDetector: SourcedResourceDetector {
    public init() {}

    public var name: String { "service" }

    func detect(in sources: ResourceSources) -> Resource {
        var attributes: Attributes = [SemanticAttributes.Service.instanceID: .string(Self.instanceID)]
        attributes[SemanticAttributes.Service.name] = sources.environment.text("OTEL_SERVICE_NAME").map(AttributeValue.string)
        return Resource(attributes: attributes, schemaURL: Resource.semanticConventions)
    }

    /// The identifier and its process: a forked child is another instance.
    private static let instance = Locked<(processID: Int, identifier: String)?>(nil)

    private static var instanceID: String {
        let processID = ProcessInformation.processID
        return instance.withLock { instance in
            if let instance, instance.processID == processID { return instance.identifier }
            var generator = SystemRandomNumberGenerator()
            let identifier = randomUUID(high: generator.next(), low: generator.next())
            instance = (processID, identifier)
            return identifier
        }
    }

    /// Returns a version 4 UUID of random bits in text form. (RFC 9562, section 5.4.)
    static func randomUUID(high: UInt64, low: UInt64) -> String {
        let numbers = [high & 0xFFFF_FFFF_FFFF_0FFF | 0x4000, low & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000]
        var text = ""
        for (index, number) in numbers.enumerated() {
            for shift in stride(from: 60, through: 0, by: -4) {
                // The groups have 8, 4, 4, 4 and 12 digits.
                if index == 0 ? shift == 28 || shift == 12 : shift == 60 || shift == 44 { text += "-" }
                text += String(number >> UInt64(shift) & 0xF, radix: 16)
            }
        }
        return text
    }
}

extension ResourceDetector where Self == ServiceResourceDetector {
    /// The instance of the service: a random identifier.
    public static var service: Self { ServiceResourceDetector() }
}
