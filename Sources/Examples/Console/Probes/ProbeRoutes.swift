// The routes of probes.

import ExampleSupport
import Telemetry

/// Answers `/probe` as blackbox_exporter does, `/probes/metrics` for all targets at once, and `/data/probes` for the page.
struct ProbeRoutes: Sendable {
    /// The path at which a request has the console send others.
    static let path = "/probe"
    private static let longestTimeout = 120.0
    /// What is left to the answer to Prometheus, in seconds.
    private static let timeoutOffset = 0.5
    private static let pageType = "text/plain; version=0.0.4; charset=utf-8"

    private let router: Router

    init(_ probes: Probes?) {
        var router = Router(redirectsTrailingSlash: false)
        router.on("GET", "/data/probes") { _ in .json(probes?.json ?? ["targets": []]) }
        if let probes {
            router.on("GET", Self.path) { await Self.probe($0, probes) }
            router.on("GET", "/probes/metrics") { _ in .text(probes.text, contentType: Self.pageType) }
        } else {
            let response = ServiceResponse.text("There are no probes; PROBES names a file with modules.\n", status: 404)
            router.on("GET", Self.path) { _ in response }
            router.on("GET", "/probes/metrics") { _ in response }
        }
        self.router = router
    }

    /// Returns the answer to a request for probes; nil for another.
    func respond(to request: ServiceRequest) async -> ServiceResponse? {
        guard [Self.path, "/probes/metrics", "/data/probes"].contains(request.path) else { return nil }
        return await router.respond(to: request)
    }

    private static func probe(_ request: ServiceRequest, _ probes: Probes) async -> ServiceResponse {
        let module = request.queryParameter("module") ?? "http_2xx"
        guard let target = request.queryParameter("target"), !target.isEmpty else {
            return .text("Target parameter is missing\n", status: 400)
        }
        guard target.utf8.count <= 2_048 else { return .text("The target has more than 2048 bytes\n", status: 400) }
        var seconds = longestTimeout
        if let text = request.headers["X-Prometheus-Scrape-Timeout-Seconds"] {
            guard let number = Double(text), number > 0, number.isFinite else {
                return .text("X-Prometheus-Scrape-Timeout-Seconds is \"\(text.prefix(80))\"; it must be a number of seconds\n", status: 400)
            }
            seconds = min(number, longestTimeout)
        }
        do {
            let result = try await probes.run(module, target, timeout: .seconds(max(seconds - timeoutOffset, seconds / 2)))
            guard request.queryParameter("debug") == "true" else { return .text(result.page.text, contentType: pageType) }
            let outcome = result.problem.map { "The probe failed: \($0)" } ?? "The probe succeeded."
            return .text("\(outcome)\nTrace: \(result.trace)\n\n\(result.page.text)")
        } catch let error as Probes.UnknownModule {
            return .text("Unknown module \"\(error.name.prefix(200))\"\n", status: 400)
        } catch {
            return .text("Too many probes are under way; at most \(Probes.maximumRequested) are, and as many wait.\n", status: 503)
        }
    }
}
