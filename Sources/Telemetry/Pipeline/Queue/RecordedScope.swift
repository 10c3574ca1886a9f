// A scope and its resource as they stand in every batch: described once, encoded once.

/// A resource with its OTLP bytes, made once for a provider.
final class RecordedResource: Sendable {
    let resource: Resource
    /// Field 1 of `ResourceSpans` (and of its siblings for metrics and logs): the `Resource` message with tag and length.
    let encodedResource: [UInt8]
    /// Field 3: the schema URL, or nothing.
    let encodedSchemaURL: [UInt8]

    init(_ resource: Resource) {
        self.resource = resource
        var message = WireWriter()
        message.field(OTLPSchema.Resource.attributes.number, attributes: resource.attributes)
        var field = WireWriter()
        field.field(OTLPSchema.AnySignal.resource.number, message: message.bytes)
        encodedResource = field.bytes
        var url = WireWriter()
        url.field(OTLPSchema.AnySignal.resourceSchemaURL.number, text: resource.schemaURL)
        encodedSchemaURL = url.bytes
    }
}

/// An instrumentation scope with its OTLP bytes.
///
/// Recorded items point to it without a reference count: one that a tracer was made for lives for ever, and a provider bounds
/// how many there are; one that was received lives as long as the chunks and spans that hold it.
final class RecordedScope: Sendable {
    let scope: InstrumentationScope
    let resource: RecordedResource
    /// Field 1 of `ScopeSpans` (and of its siblings): the `InstrumentationScope` message with tag and length.
    let encodedScope: [UInt8]
    /// Field 3: the schema URL, or nothing.
    let encodedSchemaURL: [UInt8]

    init(_ scope: InstrumentationScope, resource: RecordedResource) {
        self.scope = scope
        self.resource = resource
        var message = WireWriter()
        message.field(OTLPSchema.InstrumentationScope.name.number, text: scope.name)
        message.field(OTLPSchema.InstrumentationScope.version.number, text: scope.version)
        message.field(OTLPSchema.InstrumentationScope.attributes.number, attributes: scope.attributes)
        var field = WireWriter()
        field.field(OTLPSchema.AnySignal.scope.number, message: message.bytes)
        encodedScope = field.bytes
        var url = WireWriter()
        url.field(OTLPSchema.AnySignal.scopeSchemaURL.number, text: scope.schemaURL)
        encodedSchemaURL = url.bytes
    }
}

/// Points to a scope without counting.
struct ScopeReference: Equatable, @unchecked Sendable {
    // Unchecked: the scope is immutable, and whoever makes a reference keeps it alive for longer.
    private let pointer: Unmanaged<RecordedScope>

    /// Retains the scope for the rest of the process's life.
    init(immortal scope: RecordedScope) {
        pointer = .passRetained(scope)
    }

    /// For as long as the caller keeps the scope alive.
    init(keptAlive scope: RecordedScope) {
        pointer = .passUnretained(scope)
    }

    var scope: RecordedScope { pointer.takeUnretainedValue() }

    @inline(__always)
    static func == (left: ScopeReference, right: ScopeReference) -> Bool {
        left.pointer.toOpaque() == right.pointer.toOpaque()
    }
}
