// The page at `/metrics`: names, values and formats.

import ExampleSupport
import Glibc
import Telemetry
import Testing

struct MetricsPageTests {
    /// Returns the value of the only sample with that name and those labels; nil for any other number of samples.
    private static func value(_ name: String, _ labels: [String: String] = [:], in page: String) -> Double? {
        let samples = page.split(separator: "\n").filter { line in
            (line.hasPrefix("\(name){") || line.hasPrefix("\(name) ")) && labels.allSatisfy { line.contains("\($0)=\"\($1)\"") }
        }
        return samples.count == 1 ? samples[0].split(separator: " ").last.flatMap { Double($0) } : nil
    }

    @Test func serverRequestsAreCountedByRouteAndStatus() async throws {
        try await ServiceHarness.albumStore { store in
            for path in ["/albums/1", "/albums/2", "/albums/666", "/nothing"] { _ = try await store.send("GET", path) }
            _ = try await store.send("BREW", "/albums")
            let page = try await store.send("GET", "/metrics").text
            let count = "http_server_request_duration_seconds_count"
            let ok = ["http_request_method": "GET", "http_route": "/albums/:id", "http_response_status_code": "200", "url_scheme": "http"]
            #expect(Self.value(count, ok, in: page) == 2)
            #expect(Self.value(count, ["http_route": "/albums/:id", "http_response_status_code": "400"], in: page) == 1)
            #expect(Self.value(count, ["http_request_method": "_OTHER", "http_response_status_code": "405"], in: page) == 1)
            #expect(Self.value("http_server_request_duration_seconds_bucket", ok.merging(["le": "+Inf"]) { $1 }, in: page) == 2)
            #expect(!page.contains("server_address") && !page.contains("/666"))
            // The active request is that for the page.
            #expect(Self.value("http_server_active_requests", ["http_request_method": "GET"], in: page) == 1)
            #expect(page.contains("# TYPE http_server_request_duration_seconds histogram\n"))
        }
    }

    @Test func clientRequestsAreCountedByServerAddress() async throws {
        try await ServiceHarness.albumStore { store in
            try await ServiceHarness.proxy(storeURL: store.url) { proxy in
                for path in ["/albums", "/albums/1", "/albums/666"] { _ = try await proxy.send("GET", path) }
                let page = try await proxy.send("GET", "/metrics").text
                let count = "http_client_request_duration_seconds_count"
                let port = try #require(store.url.split(separator: ":").last)
                let ok = ["server_address": "127.0.0.1", "server_port": String(port), "http_response_status_code": "200"]
                #expect(Self.value(count, ok, in: page) == 2)
                #expect(Self.value(count, ["http_response_status_code": "400", "error_type": "400"], in: page) == 1)
            }
        }
    }

    @Test func albumAndProcessMetricsAreOnPage() async throws {
        try await ServiceHarness.albumStore { store in
            let album = #"{"id":10,"title":"The Ozzman Cometh","artist":"Black Sabbath","price":66.6}"#
            #expect(try await store.send("POST", "/albums", album).status == 201)
            #expect(try await store.send("POST", "/albums", album).status == 400)
            let page = try await store.send("GET", "/metrics").text
            #expect(Self.value("albums_created_total", in: page) == 1)
            #expect(Self.value("albums_stored", in: page) == 4)
            let used = try #require(Self.value("process_cpu_time_seconds_total", ["cpu_mode": "user"], in: page))
            #expect(used > 0)
            #expect(try #require(Self.value("process_memory_usage_bytes", in: page)) > 1_000_000)
            let start = try #require(Self.value("process_start_time_seconds", in: page))
            #expect(abs(start + (Self.value("process_uptime_seconds", in: page) ?? 0) - Self.now) < 60)
        }
    }

    private static var now: Double { Double(Timestamp.now.nanosecondsSinceEpoch) / 1e9 }

    @Test func pageHasRequestedFormatAndCompression() async throws {
        try await ServiceHarness.albumStore { store in
            let plain = try await store.send("GET", "/metrics")
            #expect(plain.headers["Content-Type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            #expect(plain.headers["Content-Encoding"] == nil)
            #expect(plain.headers["Vary"] == "Accept, Accept-Encoding")
            let headers: HTTPHeaders = ["Accept": "application/openmetrics-text; version=1.0.0", "Accept-Encoding": "gzip"]
            let open = try await store.send("GET", "/metrics", headers: headers)
            #expect(open.headers["Content-Type"]?.hasPrefix("application/openmetrics-text; version=1.0.0") == true)
            #expect(open.headers["Content-Encoding"] == "gzip")
            #expect(open.body.starts(with: [0x1F, 0x8B]))
        }
    }

    @Test func scrapesAreCountedAndNotTraced() async throws {
        try await ServiceHarness.albumStore { store in
            let scrape: HTTPHeaders = ["X-Prometheus-Scrape-Timeout-Seconds": "10"]
            _ = try await store.send("GET", "/metrics", headers: scrape)
            let page = try await store.send("GET", "/metrics", headers: scrape).text
            #expect(store.memory.finishedSpans.isEmpty)
            #expect(Self.value("http_server_request_duration_seconds_count", ["http_route": "/metrics"], in: page) == 1)
            // The header makes no scrape of another request.
            _ = try await store.send("GET", "/albums", headers: scrape)
            #expect(try store.onlySpan().name == "/albums GET")
        }
    }
}

// This suite starts one process at a time.
extension ServiceProcessTests {
    @Test func scrapedServiceWithoutReceiverLogsNothing() async throws {
        let (store, url) = try await ChildProcess.service("AlbumStore")
        let scrape: HTTPHeaders = ["X-Prometheus-Scrape-Timeout-Seconds": "10"]
        let answer = try await SocketTransport(timeout: ServiceHarness.patience).send("GET", url + "/metrics", headers: scrape, body: [])
        #expect(answer.status == 200)
        kill(store.identifier, SIGTERM)
        let lines = await store.output().split(separator: "\n")
        #expect(lines.count == 1 && lines[0].contains(#""message":"stopping""#), "\(lines)")
        #expect(await store.exitStatus() == 0)
    }
}
