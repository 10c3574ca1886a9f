"""Takes OTLP/JSON on a free port of loopback, and plays Lambda's Runtime API."""

import http.server
import json
import threading


def attributes(owner):
    """The attributes of a span, a record or a point as a dictionary."""
    return {each["key"]: next(iter(each["value"].values()), None) for each in owner.get("attributes", [])}


class Server:
    """An HTTP server on a thread of its own; it ends with the block that it is used in."""

    def __init__(self):
        owner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                owner.answer(self, b"")

            def do_POST(self):
                owner.answer(self, self.rfile.read(int(self.headers.get("Content-Length") or 0)))

            def reply(self, status, body=b"{}", fields=()):
                self.send_response(status)
                for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body))), *fields):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Receiver(Server):
    """Keeps all spans, log records and metrics that it is sent."""

    def __init__(self):
        super().__init__()
        self.spans, self.logs, self.metrics = [], [], []

    def answer(self, request, body):
        kept, resources, scopes, items = {
            "/v1/traces": (self.spans, "resourceSpans", "scopeSpans", "spans"),
            "/v1/logs": (self.logs, "resourceLogs", "scopeLogs", "logRecords"),
            "/v1/metrics": (self.metrics, "resourceMetrics", "scopeMetrics", "metrics"),
        }[request.path]
        for resource in json.loads(body)[resources]:
            service = attributes(resource["resource"])["service.name"]
            for scope in resource[scopes]:
                kept += [dict(item, service=service) for item in scope[items]]
        request.reply(200)

    @property
    def environment(self):
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{self.address}", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}

    def span(self, name, service=None):
        """The only span of that name."""
        (found,) = [span for span in self.spans if span["name"] == name and service in (None, span["service"])]
        return found

    def log(self, body):
        """The first record of that body, or None."""
        return next((record for record in self.logs if record["body"].get("stringValue") == body), None)

    def points(self, name):
        """The points of the last export of a metric, or an empty list."""
        found = [metric for metric in self.metrics if metric["name"] == name]
        return next((found[-1][kind]["dataPoints"] for kind in ("sum", "histogram", "gauge") if kind in found[-1]), []) if found else []


class RuntimeAPI(Server):
    """Hands out events one by one, and calls a closure each time the function asks for the next."""

    PREFIX = "/2018-06-01/runtime/invocation/"

    def __init__(self, events, before_next):
        super().__init__()
        self.events, self.before_next = list(events), before_next
        self.answers = {}
        self.count = 0
        self.is_idle, self.has_ended = threading.Event(), threading.Event()

    def __exit__(self, *details):
        self.has_ended.set()
        super().__exit__(*details)

    def answer(self, request, body):
        path = request.path.removeprefix(self.PREFIX)
        if path != "next":
            self.answers[path] = json.loads(body)
            request.reply(202)
            return
        self.before_next(self.count)
        if self.count == len(self.events):
            # As Lambda does while there is nothing to do: the request stays open.
            self.is_idle.set()
            self.has_ended.wait()
            return
        self.count += 1
        request.reply(200, self.events[self.count - 1], [("Lambda-Runtime-Aws-Request-Id", f"request-{self.count}")])
