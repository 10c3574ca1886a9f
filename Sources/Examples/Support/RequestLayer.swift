// The hook for what a service does with every request, whatever its route.

package import Telemetry

/// A part of a service that all requests pass before their routes, and all answers after them: a rate limit, a request identifier.
package protocol RequestLayer: Sendable {
    /// Returns the context in which the request is answered; the given one is that of the caller, without a span of this service.
    func context(of request: ServiceRequest, _ context: Context) -> Context

    /// False if every request goes to the next layer and every answer back as it is: then `respond` is not called.
    var takesPartInAnswers: Bool { get }

    /// Answers a request, inside its server span: with the answer of `next`, which it may change, or with one of its own.
    func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse
}

extension RequestLayer {
    package func context(of request: ServiceRequest, _ context: Context) -> Context { context }

    package var takesPartInAnswers: Bool { true }

    package func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse { await next(request) }
}
