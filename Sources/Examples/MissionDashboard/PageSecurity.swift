// What keeps other sites, and texts from outside, from using the page.

import ExampleSupport
import Telemetry

/// Lets the page load its own scripts and styles alone, and refuses commands that another site's page has a browser send.
struct PageSecurity: RequestLayer {
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
        base-uri 'none'; frame-ancestors 'none'
        """

    func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
        var response: ServiceResponse
        // Browsers tell where a request comes from; programs send no such field. (W3C Fetch Metadata, section 2.4.)
        let site = request.headers["Sec-Fetch-Site"] ?? "none"
        if request.method == "POST", site != "same-origin", site != "none" {
            response = .json(["error": "Requests of other sites are refused"], status: 403)
        } else {
            response = await next(request)
        }
        response.headers["Content-Security-Policy"] = Self.policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        if response.headers["Cache-Control"] == nil { response.headers["Cache-Control"] = "no-store" }
        return response
    }
}
