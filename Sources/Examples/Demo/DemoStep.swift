// What the demo does in one step, and what must come of it.

/// One request of the demo with the status and the trace that it must have.
struct DemoStep: Sendable {
    /// The service that the request is sent to.
    let service: DemoService.Role
    let title: String
    var method = "GET"
    /// `{name}` in path and body stands for a value that an earlier step has kept.
    let path: String
    var body: String?
    /// The name of the kept value that is sent as `Authorization`.
    var token: String?
    let status: Int
    let trace: ExpectedSpan
    /// Members of the answer that later steps need, each with the name that it is kept under.
    var keeps: [String: String] = [:]
    /// A text that the answer gets sometime, since others make it at their own pace; the request waits for it.
    var awaitedText: String?
    /// An explanation of what its trace shows.
    var note: String?
}

/// A span of an expected trace, with the spans below it.
struct ExpectedSpan: Sendable, Hashable {
    let service: String
    let name: String
    let kind: String
    var children: [ExpectedSpan] = []

    static func server(_ service: String, _ name: String, _ children: ExpectedSpan...) -> ExpectedSpan {
        ExpectedSpan(service: service, name: name, kind: "server", children: children)
    }

    static func client(_ service: String, _ name: String, _ children: ExpectedSpan...) -> ExpectedSpan {
        ExpectedSpan(service: service, name: name, kind: "client", children: children)
    }

    static func `internal`(_ service: String, _ name: String, _ children: ExpectedSpan...) -> ExpectedSpan {
        ExpectedSpan(service: service, name: name, kind: "internal", children: children)
    }

    /// The number of spans, this one included.
    var count: Int { children.reduce(1) { $0 + $1.count } }

    /// Whether this span or one below it is of a service.
    func has(_ service: String) -> Bool { self.service == service || children.contains { $0.has(service) } }
}
