// The answers of the metric routes.

import ExampleSupport
import Telemetry
import Testing

@testable import TelemetryConsole

struct MetricRoutesTests {
    private let start = MetricRequest.start

    private func get(_ rig: ConsoleMetricRig, _ target: String) async throws -> (status: Int, json: JSONValue) {
        let response = try #require(
            await MetricRoutes(rig.store, queryTime: .patience).respond(to: ServiceRequest(method: "GET", target: target)))
        return (response.status, try JSONValue(parsing: response.body))
    }

    private func filledRig() throws -> ConsoleMetricRig {
        let rig = ConsoleMetricRig()
        for index in 0..<5 {
            let time = start + UInt64(index) * 15
            rig.clock.advance(by: .seconds(15))
            let exemplar = MetricRequest.exemplar(8, value: 0.7, time: time, trace: 0xAB, span: 0xCD)
            try rig.receive { request in
                request.sum("http.requests", unit: "{request}", Int64(index) * 30, .init(time: time, labels: [("http.route", "/a")]))
                request.histogram(
                    "d", unit: "s", bounds: [0.5, 1], counts: [UInt64(index) * 2, UInt64(index), 1], sum: 5,
                    .init(time: time, labels: [("http.route", "/a")]), exemplar: index == 4 ? exemplar : [])
                request.exponential("e", scale: 0, zeroCount: 0, offset: 0, counts: [UInt64(index) * 4], sum: 5, .init(time: time))
            }
        }
        return rig
    }

    @Test func otherPathsAreNotAnswered() async throws {
        let rig = ConsoleMetricRig()
        for path in ["/data/traces", "/api/traces", "/", "/data/metricsx"] {
            #expect(await MetricRoutes(rig.store, queryTime: .patience).respond(to: ServiceRequest(method: "GET", target: path)) == nil)
        }
    }

    @Test func instantQueryHasTheFormOfPrometheus() async throws {
        let rig = try filledRig()
        let (status, json) = try await get(rig, "/api/v1/query?query=http_requests_total%7Bhttp_route%3D%22%2Fa%22%7D&time=\(start + 60)")
        #expect(status == 200)
        #expect(json["status"] == "success")
        #expect(json["data"]?["resultType"] == "vector")
        let series = json["data"]?["result"]?[0]
        #expect(series?["metric"]?["__name__"] == "http_requests_total")
        #expect(series?["value"]?[0] == .integer(Int64(start) + 60))
        #expect(series?["value"]?[1] == "120")
    }

    @Test func formIsReadToo() async throws {
        let rig = try filledRig()
        var request = ServiceRequest(method: "POST", target: "/api/v1/query_range")
        request.body = Array("query=rate(http_requests_total[30s])&start=\(start + 30)&end=\(start + 60)&step=15s".utf8)
        let response = try #require(await MetricRoutes(rig.store, queryTime: .patience).respond(to: request))
        let json = try JSONValue(parsing: response.body)
        #expect(json["data"]?["resultType"] == "matrix")
        #expect(json["data"]?["result"]?[0]?["values"]?.arrayValue?.count == 3)
        #expect(json["data"]?["result"]?[0]?["values"]?[2]?[1] == "2")
    }

    @Test func histogramsHaveTheFormOfPrometheus() async throws {
        let rig = try filledRig()
        let (_, json) = try await get(rig, "/api/v1/query?query=e&time=\(start + 60)")
        let histogram = json["data"]?["result"]?[0]?["histogram"]?[1]
        #expect(histogram?["count"] == "16")
        #expect(histogram?["buckets"]?[0] == [0, "1", "2", "16"])
    }

    @Test(arguments: [
        ("/api/v1/query?query=foo%7B", 400, "bad_data", "invalid parameter \"query\": 1:5: parse error"),
        ("/api/v1/query", 400, "bad_data", "invalid parameter \"query\""),
        ("/api/v1/query?query=g&time=abc", 400, "bad_data", "invalid parameter \"time\": cannot parse \"abc\" to a valid timestamp"),
        ("/api/v1/query_range?query=g&start=0&end=100000&step=1", 400, "bad_data", "exceeded maximum resolution"),
        ("/api/v1/query_range?query=g&start=0&end=1&step=0", 400, "bad_data", "zero or negative query resolution"),
        ("/api/v1/series", 400, "bad_data", "no match[] parameter provided"),
        (
            "/api/v1/query?query=d_seconds_bucket%2Bon()group_left%20d_seconds_bucket&time=1700000060", 422, "execution",
            "found duplicate series"
        ),
        ("/api/v1/query?query=d_seconds_bucket&time=1700000060&timeout=0", 503, "timeout", "query timed out"),
        ("/api/v1/nothing", 404, "not_found", "there is no /api/v1/nothing"),
    ])
    func errorsHaveTheTypesOfPrometheus(target: String, status: Int, type: String, message: String) async throws {
        let answer = try await get(try filledRig(), target)
        #expect(answer.status == status)
        #expect(answer.json["status"] == "error")
        #expect(answer.json["errorType"] == .string(type))
        #expect(answer.json["error"]?.stringValue?.hasPrefix(message) == true)
    }

    @Test func seriesLabelsAndValuesAreListed() async throws {
        let rig = try filledRig()
        let series = try await get(rig, "/api/v1/series?match[]=d_seconds_sum&match[]=e").json
        #expect(series["data"]?.arrayValue?.count == 2)
        let labels = try await get(rig, "/api/v1/labels?match[]=d_seconds_bucket").json
        #expect(labels["data"] == ["__name__", "http_route", "job", "le", "service_name"])
        let values = try await get(rig, "/api/v1/label/le/values").json
        #expect(values["data"] == ["+Inf", "0.5", "1"])
        let metadata = try await get(rig, "/api/v1/metadata?metric=http_requests_total").json
        #expect(metadata["data"]?["http_requests_total"]?[0]?["type"] == "counter")
        #expect(try await get(rig, "/api/v1/status/buildinfo").json["data"]?["version"]?.stringValue?.isEmpty == false)
    }

    @Test func exemplarsLeadToTheirTraces() async throws {
        let rig = try filledRig()
        let trace = String(repeating: "ab", count: 16)
        let query = try await get(rig, "/api/v1/query_exemplars?query=rate(d_seconds_bucket[5m])&start=\(start)&end=\(start + 100)").json
        #expect(query["data"]?[0]?["seriesLabels"]?["le"] == "1")
        #expect(query["data"]?[0]?["exemplars"]?[0]?["labels"]?["trace_id"] == .string(trace))
        let data = try await get(rig, "/data/metrics/d/exemplars").json
        #expect(data["exemplars"]?[0]?["traceId"] == .string(trace))
        #expect(data["exemplars"]?[0]?["spanId"] == .string(String(repeating: "cd", count: 8)))
        #expect(data["exemplars"]?[0]?["attributes"]?[0]?["key"] == "user")
        #expect(try await get(rig, "/data/metrics/none/exemplars").status == 404)
    }

    @Test func metricsAreListedWithWhatTheyHave() async throws {
        let rig = try filledRig()
        let all = try await get(rig, "/data/metrics").json
        #expect(all["metrics"]?.arrayValue?.compactMap { $0["name"]?.stringValue } == ["d", "e", "http.requests"])
        let found = try await get(rig, "/data/metrics?q=REQUESTS").json["metrics"]?[0]
        #expect(found?["promName"] == "http_requests_total")
        #expect(found?["type"] == "sum")
        #expect(found?["isMonotonic"] == true)
        #expect(found?["temporality"] == "cumulative")
        #expect(found?["series"] == 1)
        #expect(found?["points"] == "5")
        #expect(found?["attributes"] == ["http_route"])
        #expect(found?["services"] == ["shop"])
        #expect(found?["last"] == .string("\((start + 60) * 1_000_000_000)"))
        #expect(try await get(rig, "/data/metrics?nope=1").status == 400)
    }

    @Test func heatMapCountsWhatCameInEachStep() async throws {
        let rig = try filledRig()
        let window = "from=\(start * 1_000_000_000)&to=\((start + 60) * 1_000_000_000)&step=30s"
        let map = try await get(rig, "/data/metrics/d/heatmap?\(window)").json
        #expect(map["bounds"] == [.number(0.5), .number(1), "+Inf"] || map["bounds"] == [0.5, 1, "+Inf"])
        #expect(map["counts"] == [[4, 2, 0], [4, 2, 0]])
        #expect(map["times"]?.arrayValue?.count == 2)
        let exponential = try await get(rig, "/data/metrics/e/heatmap?\(window)").json
        #expect(exponential["counts"] == [[8], [8]])
        let filtered = try await get(rig, "/data/metrics/d/heatmap?\(window)&filter=%7Bhttp_route%3D%22%2Fb%22%7D").json
        #expect(filtered["counts"] == [[], []])
        #expect(try await get(rig, "/data/metrics/http.requests/heatmap?\(window)").status == 400)
        #expect(try await get(rig, "/data/metrics/d/heatmap?\(window)&filter=%7B").status == 400)
    }
}
