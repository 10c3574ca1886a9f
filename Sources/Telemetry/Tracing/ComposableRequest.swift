// The input of a composable sampler.

/// The properties of a span that is about to start, without its trace identifier.
public struct ComposableRequest: Sendable {
    /// The context that the span is started in; it may hold no span.
    public let parent: Context
    public let name: String
    public let kind: SpanKind
    public let attributes: Attributes
    public let links: [SpanLink]
    /// The threshold by which the parent was sampled.
    ///
    /// Nil for a root, for a parent that names none, and for one whose decision does not follow from what it names: then its
    /// probability is not known. (Specification: probability sampling, "General requirements".)
    public let parentThreshold: SamplingThreshold?

    init(_ request: borrowing SamplingRequest, parentThreshold: SamplingThreshold?) {
        parent = request.parent
        name = request.name
        kind = request.kind
        attributes = request.attributes
        links = request.links
        self.parentThreshold = parentThreshold
    }
}
