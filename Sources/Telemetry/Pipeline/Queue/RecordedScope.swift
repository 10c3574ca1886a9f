// A scope in its encoded form, and uncounted references to it.

/// An instrumentation scope with its OTLP bytes.
///
/// Recorded items refer to it without counting references: the scope of a tracer is never freed, and a provider bounds their number;
/// a received scope lives as long as the chunks and spans that retain it.
package final class RecordedScope: Sendable {
    package let scope: InstrumentationScope
    package let resource: RecordedResource
    /// Field 1 of `ScopeSpans` (and of its siblings): the `InstrumentationScope` message with tag and length.
    package let encodedScope: [UInt8]
    /// Field 3: the schema URL, or nothing.
    package let encodedSchemaURL: [UInt8]

    package init(_ scope: InstrumentationScope, resource: RecordedResource) {
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

/// Refers to a scope without counting references.
struct ScopeReference: Equatable, @unchecked Sendable {
    // Unchecked: the scope is immutable, and the maker of a reference keeps the scope alive for longer.
    private let pointer: Unmanaged<RecordedScope>

    /// Retains the scope for the rest of the process's life.
    init(immortal scope: RecordedScope) {
        pointer = .passRetained(scope)
    }

    /// Refers to a scope that the caller keeps alive for at least as long.
    init(keptAlive scope: RecordedScope) {
        pointer = .passUnretained(scope)
    }

    var scope: RecordedScope { pointer.takeUnretainedValue() }

    @inline(__always)
    static func == (left: ScopeReference, right: ScopeReference) -> Bool {
        left.pointer.toOpaque() == right.pointer.toOpaque()
    }
}
