// Routes: which handler is found, and what is answered where there is none.

import ExampleSupport
import Telemetry
import Testing

@Suite struct RouterTests {
    private static let router: Router = {
        var router = Router()
        router.on("GET", "/albums") { _ in .text("list") }
        router.on("POST", "/albums") { _ in .text("add") }
        router.on("GET", "/albums/:id") { .text("album \($0.parameters["id"] ?? "?")") }
        router.on("GET", "/docs/") { _ in .text("docs") }
        return router
    }()

    /// `200 text` of the handler, `301 location`, or `404`.
    private func outcome(_ method: String, _ target: String) async -> String {
        var request = ServiceRequest(method: method, target: target)
        switch Self.router.match(request) {
        case .found(let route, let parameters):
            request.parameters = parameters
            return "200 \(await route.handler(request).text)"
        case .redirect(let location, let status): return "\(status) \(location)"
        case .notFound: return "404"
        }
    }

    @Test(arguments: [
        ("GET", "/albums", "200 list"), ("GET", "/albums?sort=id", "200 list"), ("POST", "/albums", "200 add"),
        ("GET", "/albums/1", "200 album 1"), ("GET", "/albums/a%20b", "200 album a b"), ("GET", "/albums/%C3%A9", "200 album é"),
        ("GET", "/albums/%zz", "200 album %zz"), ("GET", "/albums/%2", "200 album %2"), ("GET", "/albums/%-1", "200 album %-1"),
        ("GET", "/albums/%FF", "200 album %FF"), ("GET", "/albums/1/", "301 /albums/1"), ("GET", "/albums/", "301 /albums"),
        ("GET", "/albums/?sort=id", "301 /albums?sort=id"), ("POST", "/albums/", "307 /albums"), ("GET", "/docs/", "200 docs"),
        ("GET", "/docs", "301 /docs/"), ("POST", "/docs", "404"), ("HEAD", "/albums", "404"), ("DELETE", "/albums", "404"),
        ("PUT", "/albums/1", "404"), ("GET", "/", "404"), ("GET", "", "404"), ("GET", "/Albums", "404"), ("GET", "//albums", "404"),
        ("GET", "/albums/1/2", "404"), ("GET", "//evil.example/", "404"), ("GET", "/albums#part", "200 list"),
    ])
    func finds(method: String, target: String, expected: String) async {
        #expect(await outcome(method, target) == expected)
    }

    @Test func theTextForAnUnknownPageIsGins() {
        #expect(Router.notFound.status == 404)
        #expect(Router.notFound.text == "404 page not found")
        #expect(Router.notFound.headers["content-type"] == "text/plain")
    }
}
