// ALB-15: what the store answers is what its OpenAPI document says.

import ExampleSupport
import Telemetry
import Testing

@testable import AlbumStore

struct AlbumDocumentTests {
    private static let validator = OpenAPIValidator(document: APIDocument.json)
    private static let ozzman = #"{"id":10,"title":"The Ozzman Cometh","artist":"Black Sabbath","price":66.6}"#

    /// One request, the path that documents it, and the status of its answer.
    private struct Case {
        var method = "GET"
        let path: String
        let target: String
        var body = ""
        var headers: HTTPHeaders = [:]
        let status: Int
    }

    private static let cases = [
        Case(path: "/albums", target: "/albums", status: 200),
        Case(path: "/albums", target: "/albums?limit=2", status: 200),
        Case(path: "/albums", target: "/albums?limit=2&cursor=2", status: 200),
        Case(path: "/albums", target: "/albums?limit=0", status: 400),
        Case(path: "/albums", target: "/albums?cursor=Z", status: 400),
        Case(method: "POST", path: "/albums", target: "/albums", body: ozzman, status: 201),
        Case(method: "POST", path: "/albums", target: "/albums", body: ozzman, status: 400),
        Case(method: "POST", path: "/albums", target: "/albums", body: "{", status: 400),
        Case(method: "POST", path: "/albums", target: "/albums", body: "{}", status: 400),
        Case(method: "POST", path: "/albums", target: "/albums?async=maybe", body: ozzman, status: 400),
        Case(method: "POST", path: "/albums", target: "/albums?async=true", body: ozzman, status: 202),
        Case(method: "POST", path: "/albums", target: "/albums", body: ozzman, headers: ["Prefer": "respond-async"], status: 202),
        Case(path: "/albums/{id}", target: "/albums/2", status: 200),
        Case(path: "/albums/{id}", target: "/albums/666", status: 400),
        Case(path: "/albums/{id}", target: "/albums/X", status: 400),
        Case(path: "/jobs/{id}", target: "/jobs/X", status: 404),
        Case(path: "/status", target: "/status", status: 200),
        Case(path: "/metrics", target: "/metrics", status: 200),
        Case(path: "/metrics", target: "/metrics", headers: ["Accept": "application/openmetrics-text"], status: 200),
        Case(path: "/v3/api-docs/", target: "/v3/api-docs/", status: 200),
        Case(path: "/v3/api-docs/openapi.json", target: "/v3/api-docs/openapi.json", status: 200),
    ]

    @Test("ALB-15: live answers follow the document", arguments: AlbumStoreBackend.all)
    func liveAnswersFollowDocument(backend: AlbumStoreBackend) async throws {
        try await backend.running { store in
            var jobs: [String] = []
            for item in Self.cases {
                let answer = try await store.send(item.method, item.target, item.body, headers: item.headers)
                #expect(answer.status == item.status, "\(item.method) \(item.target)")
                #expect(Self.validator.violations(answer, of: item.method, item.path) == [], "\(item.method) \(item.target)")
                if let job = answer.headers["location"] { jobs.append(job) }
            }
            #expect(jobs.count == 2)
            for job in jobs {
                let isFailed = try await eventually {
                    let answer = try await store.send("GET", job)
                    #expect(Self.validator.violations(answer, of: "GET", "/jobs/{id}") == [])
                    return answer.text.contains(#""status":"failed","#)
                }
                #expect(isFailed)
            }
        }
    }

    @Test("ALB-15: answers under load follow the document")
    func answersUnderLoadFollowDocument() async throws {
        try await AlbumStoreBackend.memory.running(["REQUESTS_PER_SECOND": "1"]) { store in
            for (method, target, path) in [
                ("GET", "/albums", "/albums"), ("POST", "/albums", "/albums"), ("GET", "/albums/1", "/albums/{id}"),
                ("GET", "/jobs/1", "/jobs/{id}"),
            ] {
                var answer = try await store.send(method, target)
                while answer.status != 429 { answer = try await store.send(method, target) }
                #expect(Self.validator.violations(answer, of: method, path) == [])
            }
        }
    }

    @Test("ALB-15: every route is documented, and every documented route exists")
    func routesAreThoseOfDocument() async throws {
        try await AlbumStoreBackend.memory.running { store in
            guard case .object(let paths)? = APIDocument.json["paths"] else { return }
            for path in paths.members {
                guard case .object(let operations) = path.value else { continue }
                let target = path.key.replacing("{id}", with: "1")
                let refusal = try await store.send("BREW", target)
                let documented = operations.members.map { $0.key.uppercased() } + ["HEAD"]
                #expect(refusal.status == 405)
                #expect(refusal.headers["allow"]?.split(separator: ", ").map { String($0) }.sorted() == documented.sorted())
            }
            #expect(paths.members.count == 7)
        }
    }

    @Test("ALB-15: the validator finds what differs")
    func validatorFindsViolations() throws {
        func violations(_ text: String, status: Int = 200, headers: HTTPHeaders = [:]) -> [String] {
            var response = ServiceResponse.json(text, status: status)
            for field in headers { response.headers.add(field.name, field.value) }
            return Self.validator.violations(response, of: "GET", "/albums/{id}")
        }
        #expect(violations(Self.ozzman) == [])
        for wrong in [
            "{}", "[]", "{", Self.ozzman.replacing("10", with: "0"), Self.ozzman.replacing("66.6", with: "0"),
            Self.ozzman.replacing("The Ozzman Cometh", with: "T"), Self.ozzman.replacing("66.6", with: "\"66\""),
        ] {
            #expect(violations(wrong).count >= 1, "\(wrong)")
        }
        #expect(violations(Self.ozzman, status: 201) == ["201 is not documented"])
        #expect(violations(Self.ozzman, headers: ["X-New": "1"]) == ["the header X-New is not documented"])
        #expect(violations(#"{"message":"later"}"#, status: 429) == ["Retry-After is missing"])
    }
}
