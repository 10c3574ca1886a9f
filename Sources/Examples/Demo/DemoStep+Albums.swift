// The script of the demo for the album store behind its proxy.

extension DemoStep {
    /// - Parameter behindSidecar: whether the proxy reaches the store through a sidecar, which has spans of its own in each trace.
    static func albums(behindSidecar: Bool) -> [DemoStep] {
        func proxied(_ method: String, _ route: String) -> ExpectedSpan { Self.proxied(method, route, behindSidecar) }
        let note = "The spans of the sidecar stand between those of the proxy and of the store, which both know nothing of it."
        return [
            DemoStep(
                service: .proxy, title: "an album that exists", path: "/albums/1", status: 200, trace: proxied("GET", "/albums/:id"),
                note: "These span names follow the album store's contract; the conventions for HTTP would have `GET /albums/:id`."),
            DemoStep(
                service: .proxy, title: "an album that does not exist", path: "/albums/666", status: 400,
                trace: proxied("GET", "/albums/:id"),
                note: "The errors of the server spans follow the contract too; the conventions have no error on a server's 400."),
            DemoStep(
                service: .proxy, title: "an identifier that is no number: the proxy refuses it itself", path: "/albums/X", status: 400,
                trace: alone("/albums/:id GET")),
            DemoStep(
                service: .proxy, title: "all albums", path: "/albums", status: 200, trace: proxied("GET", "/albums"),
                note: behindSidecar ? note : nil),
            DemoStep(
                service: .proxy, title: "an album with the wrong keys", method: "POST", path: "/albums",
                body: #"{"albumID":10,"name":"Ozzman"}"#, status: 400, trace: proxied("POST", "/albums")),
            DemoStep(
                service: .proxy, title: "an album with values below the minimum", method: "POST", path: "/albums",
                body: #"{"id":-1,"title":"a","artist":"z","price":-0.1}"#, status: 400, trace: proxied("POST", "/albums")),
            DemoStep(
                service: .proxy, title: "an album cut off in the middle", method: "POST", path: "/albums",
                body: #"{"id":10,"title":"The Ozz"#,
                status: 400, trace: alone("/albums POST")),
            DemoStep(
                service: .proxy, title: "a good album", method: "POST", path: "/albums",
                body: #"{"id":10,"title":"The Ozzman Cometh","artist":"Black Sabbath","price":66.6}"#, status: 201,
                trace: proxied("POST", "/albums")),
            DemoStep(service: .proxy, title: "whether the proxy is up", path: "/status", status: 200, trace: alone("/status")),
            DemoStep(service: .proxy, title: "metrics for Prometheus", path: "/metrics", status: 200, trace: alone("/metrics")),
        ]
    }

    private static func alone(_ name: String) -> ExpectedSpan { .server("proxy-service", name) }

    /// Returns the trace of a forwarded request: the proxy's server and client span, those of the sidecar, the store's server span.
    private static func proxied(_ method: String, _ route: String, _ behindSidecar: Bool) -> ExpectedSpan {
        let store = ExpectedSpan.server("album-store", "\(route) \(method)")
        let passed = "\(method) /albums"
        let called = behindSidecar ? ExpectedSpan.server("sidecar", passed, .client("sidecar", passed, store)) : store
        return .server("proxy-service", "\(route) \(method)", .client("proxy-service", "HTTP \(method)", called))
    }
}
