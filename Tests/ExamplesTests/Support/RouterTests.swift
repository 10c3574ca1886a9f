// Matching of methods and paths, and the answers without a route.

import ExampleSupport
import Telemetry
import Testing

struct RouterTests {
    private static let router: Router = {
        var router = Router()
        router.on("GET", "/albums") { _ in .text("list") }
        router.on("POST", "/albums") { _ in .text("add") }
        router.on("GET", "/albums/:id") { .text("album \($0.parameters["id"] ?? "?")") }
        router.on("GET", "/docs/") { _ in .text("docs") }
        return router
    }()

    /// Returns `200 text` of the handler, `301 location`, `405 methods`, or `404`.
    private func outcome(_ method: String, _ target: String, _ router: Router = router) async -> String {
        let request = ServiceRequest(method: method, target: target)
        let response = await router.respond(to: request)
        switch router.match(request) {
        case .found: return "\(response.status) \(response.text)"
        case .redirect: return "\(response.status) \(response.headers["location"] ?? "")"
        case .methodNotAllowed: return "\(response.status) \(response.headers["allow"] ?? "")"
        case .notFound: return "\(response.status)"
        }
    }

    @Test(arguments: [
        ("GET", "/albums", "200 list"), ("GET", "/albums?sort=id", "200 list"), ("POST", "/albums", "200 add"),
        ("GET", "/albums/1", "200 album 1"), ("GET", "/albums/a%20b", "200 album a b"), ("GET", "/albums/%C3%A9", "200 album é"),
        ("GET", "/albums/%zz", "200 album %zz"), ("GET", "/albums/%2", "200 album %2"), ("GET", "/albums/%-1", "200 album %-1"),
        ("GET", "/albums/%FF", "200 album %FF"), ("GET", "/albums/1/", "301 /albums/1"), ("GET", "/albums/", "301 /albums"),
        ("GET", "/albums/?sort=id", "301 /albums?sort=id"), ("POST", "/albums/", "307 /albums"), ("GET", "/docs/", "200 docs"),
        ("GET", "/docs", "301 /docs/"), ("POST", "/docs", "404"), ("DELETE", "/albums/", "404"), ("GET", "/", "404"), ("GET", "", "404"),
        ("GET", "/Albums", "404"), ("GET", "//albums", "404"),
        ("GET", "/albums/1/2", "404"), ("GET", "//evil.example/", "404"), ("GET", "/albums#part", "200 list"),
    ])
    func routeIsFoundByMethodAndPath(method: String, target: String, expected: String) async {
        #expect(await outcome(method, target) == expected)
    }

    @Test(arguments: [
        ("HEAD", "/albums", "200 list"), ("HEAD", "/albums/1?full", "200 album 1"), ("HEAD", "/albums/", "301 /albums"),
        ("HEAD", "/docs", "301 /docs/"), ("HEAD", "/nothing", "404"), ("head", "/albums", "405 GET, HEAD, POST"),
    ])
    func routeForGetAnswersHead(method: String, target: String, expected: String) async {
        #expect(await outcome(method, target) == expected)
    }

    @Test(arguments: [
        ("DELETE", "/albums", "405 GET, HEAD, POST"), ("PUT", "/albums/1", "405 GET, HEAD"),
        ("OPTIONS", "/albums?x=1", "405 GET, HEAD, POST"),
        ("POST", "/docs/", "405 GET, HEAD"), ("GET", "/orders", "405 POST"), ("HEAD", "/orders", "405 POST"),
    ])
    func knownPathWithOtherMethodIs405WithAllow(method: String, target: String, expected: String) async {
        var router = Self.router
        router.on("POST", "/orders") { _ in .text("order") }
        #expect(await outcome(method, target, router) == expected)
    }

    @Test(arguments: [("GET", "/albums", "200 list"), ("GET", "/albums/", "404"), ("POST", "/albums/", "404"), ("GET", "/docs", "404")])
    func trailingSlashIsNotFoundWithoutRedirects(method: String, target: String, expected: String) async {
        var router = Router(redirectsTrailingSlash: false)
        router.on("GET", "/albums") { _ in .text("list") }
        router.on("POST", "/albums") { _ in .text("add") }
        router.on("GET", "/docs/") { _ in .text("docs") }
        #expect(await outcome(method, target, router) == expected)
    }

    @Test func notFoundAndMethodNotAllowedHaveTextsOfGin() async {
        let unknown = await Self.router.respond(to: ServiceRequest(method: "GET", target: "/nothing"))
        #expect(unknown.status == 404 && unknown.text == "404 page not found" && unknown.headers["content-type"] == "text/plain")
        let refused = await Self.router.respond(to: ServiceRequest(method: "PUT", target: "/albums"))
        #expect(refused.status == 405 && refused.text == "405 method not allowed" && refused.headers["content-type"] == "text/plain")
    }
}
