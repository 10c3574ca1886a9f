// Sentry's own reporter for Python, before the console.

import ExampleSupport
import Glibc
import Telemetry
import Testing

@testable import TelemetryConsole

struct SentrySDKTests {
    /// The Python that has PyPI's `sentry-sdk`, which `make counterparts` installs; nil where it is not installed, which is reported once.
    private static let python: String? = {
        let source = #filePath
        let root = source.firstRange(of: "/Tests/ExamplesTests/").map { String(source[..<$0.lowerBound]) } ?? "."
        let program = "\(root)/.build-counterparts/bin/python"
        let words = ["-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('sentry_sdk') is None)"]
        if access(program, X_OK) == 0, let run = try? ShellScript.run("exec \"$0\" \"$@\"", folder: program, words) {
            close(run.input)
            if run.status == 0 { return program }
        }
        Output.error.line("sentry-sdk is not installed (make counterparts installs it from PyPI): its tests are skipped")
        return nil
    }()

    private static let program = #"""
        import logging, sys
        import sentry_sdk

        sentry_sdk.init(dsn=sys.argv[1], release="shop@1.2", environment="staging", traces_sample_rate=1.0, default_integrations=True)
        sentry_sdk.set_tag("service", "shop")
        sentry_sdk.set_user({"id": "42"})
        sentry_sdk.set_context("cart", {"items": 3})

        def place(order):
            try:
                {}["price"]
            except KeyError as error:
                raise ValueError(f"order {order} failed") from error

        for order in (7, 8):
            with sentry_sdk.start_transaction(name="place") as transaction:
                try:
                    place(order)
                except ValueError:
                    sentry_sdk.capture_exception()
                    print(transaction.trace_id, flush=True)
        sentry_sdk.capture_message("stock is low", level="warning")
        logging.getLogger("jobs").error("job %s is late", "nightly")
        with sentry_sdk.new_scope() as scope:
            scope.fingerprint = ["jobs", "late"]
            sentry_sdk.capture_message("nothing else", level="error")
        sentry_sdk.flush(30)
        """#

    @Test(
        "POC-31: exceptions, messages and log lines of Sentry's SDK are groups with release, user, contexts and the way to their trace",
        .enabled(if: python != nil, "sentry-sdk is not installed"))
    func sentryReportsIntoTheConsole() async throws {
        let (folder, harness) = (try TemporaryDirectory(), ConsoleHarness())
        try folder.write(Array(Self.program.utf8), to: "program.py")
        try await ServiceHarness.listening({ await harness.console.respond(to: $0) }) { url in
            let dsn = url.replacing("http://", with: "http://key@") + "/1"
            let process = try OutsideProcess([try #require(Self.python), "\(folder.path)/program.py", dsn], folder: folder.path)
            func groups() async throws -> [JSONValue] { try await harness.get("/data/errors")["errors"]?.arrayValue ?? [] }
            #expect(try await eventually { try await groups().count == 4 })
            let found = try await groups()
            let group = try #require(found.first { $0["type"]?.stringValue == "ValueError" })
            #expect(group["service"] == "shop" && group["count"] == 2 && group["message"] == "order 8 failed")
            let all = try await harness.get("/data/errors/\(try #require(group["id"]?.stringValue))")
            #expect(all["releases"]?[0]?["name"] == "shop@1.2" && all["environments"]?[0]?["name"] == "staging" && all["users"] == 1)
            #expect(all["frames"]?[0]?.stringValue?.hasSuffix("place") == true, "\(all["frames"]?.description ?? "")")
            let sample = all["samples"]?[0]
            #expect(sample?["user"] == "42" && sample?["contexts"]?["context.cart.items"] == "3")
            #expect(sample?["contexts"]?["exception.causes"]?.stringValue?.hasPrefix("KeyError") == true)
            // The traces are those that the program has told.
            let log = String(decoding: try folder.bytes(of: "log"), as: UTF8.self)
            let traces = log.split(separator: "\n").map(String.init)
            #expect(sample?["traceId"]?.stringValue.map(traces.contains) == true, "\(log)")
            let messages = Set(found.compactMap { $0["message"]?.stringValue })
            #expect(messages.isSuperset(of: ["stock is low", "job %s is late", "nothing else"]), "\(messages)")
            // Log lines are grouped by what they are made of, and kept as they read.
            let lines = try await harness.get("/data/logs?q=%22job%20nightly%20is%20late%22")["logs"]?.arrayValue ?? []
            #expect(lines.contains { $0["body"]?["stringValue"] == "job nightly is late" })
            withExtendedLifetime(process) {}
        }
    }
}
