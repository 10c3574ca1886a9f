// The routes of the notification service: one for all actions, and one for the certificate.

import ExampleSupport
import Telemetry

/// Answers the actions of the query protocol.
struct NotificationRoutes: Sendable {
    let actions: QueryActions
    /// Checks signatures; nil takes requests without one.
    let authenticator: RequestAuthenticator?
    let certificate: DeliverySigner
    let telemetry: ServiceTelemetry

    func add(to router: inout Router) {
        for method in ["POST", "GET"] { router.on(method, "/") { await answer($0) } }
        router.on("GET", "\(DeliverySigner.folder)/{name}") { request in
            // Its name has a part of its hash, which would be another span name with each start.
            request.path == certificate.path ? certificate.certificate : await Router.respond(to: request, .notFound)
        }
    }

    private func answer(_ request: ServiceRequest) async -> ServiceResponse {
        let requestID = "\(UUID())"
        let query = QueryRequest(request)
        let action = query["Action"] ?? ""
        let isKnown = QueryActions.names.contains(action)
        request.span["rpc.system"] = "aws-api"
        request.span["rpc.service"] = "SNS"
        // Names that are not known share one value, since clients invent them.
        request.span["rpc.method"] = .string(isKnown ? action : "_OTHER")
        request.span["aws.request_id"] = .string(requestID)
        do throws(QueryFault) {
            if let authenticator, !(QueryActions.unsigned.contains(action) && request.headers["Authorization"] == nil) {
                try authenticator.check(request)
            }
            try query.check()
            return QueryAnswer.success(action, try await actions.perform(action, query), requestID: requestID)
        } catch {
            request.span["sns.error.code"] = .string(error.code)
            telemetry.log.log(
                error.status >= 500 ? .error : .warn, "request was refused",
                [
                    "sns.action": .string(isKnown ? action : "_OTHER"), "sns.code": .string(error.code),
                    "detail": .string(error.message.recorded),
                ])
            return QueryAnswer.failure(error, requestID: requestID)
        }
    }
}
