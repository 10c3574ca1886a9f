// What services answer when their database does not.

import ExampleSupport
import Telemetry
import Testing

struct DatabaseErrorTests {
    @Test func unavailableDatabaseIsAnsweredWith503AndRetryAfter() async {
        var router = Router()
        router.on("GET", "/items") { _ throws(Refusal) in throw Refusal(unavailable: .unavailable("disk full", code: "13")) }
        let response = await router.respond(to: ServiceRequest(method: "GET", target: "/items"))
        #expect(response.status == 503)
        #expect(response.headers["Retry-After"] == "1")
        #expect(response.text == #"{"error":"database unavailable"}"#)
    }

    @Test func textIsTheDescriptionAndCodeIsTheStatus() {
        #expect("\(DatabaseError.statement(code: "42P01", "no such table"))" == "no such table")
        #expect(DatabaseError.statement(code: "42P01", "no such table").statusCode == "42P01")
        #expect(DatabaseError.unavailable("gone").statusCode == nil)
        #expect(DatabaseError.cancelled.statusCode == nil)
    }
}
