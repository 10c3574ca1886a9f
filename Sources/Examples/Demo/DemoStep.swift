// The script of the demo, and the expected outcome of each step.

/// One request of the demo with the status and the trace that it must have.
struct DemoStep: Sendable {
    /// A span of the expected trace.
    struct ExpectedSpan: Sendable, Hashable {
        let service: String
        let name: String
        let kind: String
    }

    let title: String
    var method = "GET"
    let path: String
    var body: String?
    let status: Int
    /// The spans of the trace, each the child of the one before.
    let spans: [ExpectedSpan]
    /// An explanation of what its trace shows.
    var note: String?
}

extension DemoStep {
    static let all: [DemoStep] = [
        DemoStep(
            title: "an album that exists", path: "/albums/1", status: 200, spans: proxied("GET", "/albums/:id"),
            note: "These span names follow the album store's contract; the conventions for HTTP would have `GET /albums/:id`."),
        DemoStep(
            title: "an album that does not exist", path: "/albums/666", status: 400, spans: proxied("GET", "/albums/:id"),
            note: "The errors of the server spans follow the contract too; the conventions have no error on a server's 400."),
        DemoStep(
            title: "an identifier that is no number: the proxy refuses it itself", path: "/albums/X", status: 400,
            spans: [proxy("/albums/:id GET")]),
        DemoStep(title: "all albums", path: "/albums", status: 200, spans: proxied("GET", "/albums")),
        DemoStep(
            title: "an album with the wrong keys", method: "POST", path: "/albums", body: #"{"albumID":10,"name":"Ozzman"}"#, status: 400,
            spans: proxied("POST", "/albums")),
        DemoStep(
            title: "an album with values below the minimum", method: "POST", path: "/albums",
            body: #"{"id":-1,"title":"a","artist":"z","price":-0.1}"#, status: 400, spans: proxied("POST", "/albums")),
        DemoStep(
            title: "an album cut off in the middle", method: "POST", path: "/albums", body: #"{"id":10,"title":"The Ozz"#, status: 400,
            spans: [proxy("/albums POST")]),
        DemoStep(
            title: "a good album", method: "POST", path: "/albums",
            body: #"{"id":10,"title":"The Ozzman Cometh","artist":"Black Sabbath","price":66.6}"#, status: 201,
            spans: proxied("POST", "/albums")),
        DemoStep(title: "whether the proxy is up", path: "/status", status: 200, spans: [proxy("/status")]),
        DemoStep(title: "metrics for Prometheus", path: "/metrics", status: 200, spans: [proxy("/metrics")]),
    ]

    private static func proxy(_ name: String) -> ExpectedSpan {
        ExpectedSpan(service: "proxy-service", name: name, kind: "server")
    }

    /// Returns the spans of a forwarded request: the proxy's server and client span, the store's server span.
    private static func proxied(_ method: String, _ route: String) -> [ExpectedSpan] {
        [
            proxy("\(route) \(method)"), ExpectedSpan(service: "proxy-service", name: "HTTP \(method)", kind: "client"),
            ExpectedSpan(service: "album-store", name: "\(route) \(method)", kind: "server"),
        ]
    }
}
