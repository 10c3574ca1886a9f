// What Express does with requests that no route fits.

import Telemetry

/// Answers requests without a route with Express's page; another method of a known path has none either.
package struct ExpressAnswers: RequestLayer {
    package init() {}

    package func respond(to request: ServiceRequest, next: Handler) async -> ServiceResponse {
        var response = await next(request)
        let isUnknown =
            response.status == 404 && response.body.elementsEqual(Router.notFoundText.utf8)
            || response.status == 405 && response.body.elementsEqual(Router.methodNotAllowedText.utf8)
        guard isUnknown else { return response }
        let page: HTML = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>Error</title>
            </head>
            <body>
            <pre>Cannot \(request.method) \(request.path)</pre>
            </body>
            </html>

            """
        response.status = 404
        response.headers.remove("Allow")
        response.headers["Content-Type"] = "text/html; charset=utf-8"
        response.body = Array(page.text.utf8)
        return response
    }
}
