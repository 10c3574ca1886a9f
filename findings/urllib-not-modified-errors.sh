#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-urllib, -requests and -httpx 0.66b1 with opentelemetry-sdk 1.45.1, requests 2.34.2, httpx 0.28.1;
# OTEL_SEMCONV_STABILITY_OPT_IN=http.
#
# One would guess: an answer of 304 (not modified) to a conditional request is a success, in the span and in the histogram, whichever client asked;
# and error.type of a 404 is "404", as the conventions have it.
#
# Seen: with urllib a 304 is an error, since urllib raises HTTPError for all that is neither 2xx nor a redirect that it follows, and that is what the
# instrumentation looks at. Its error.type is "HTTPError" for 304, 404 and 500 alike.
#   urllib: 304 ERROR HTTPError, 404 ERROR HTTPError, 500 ERROR HTTPError
#   requests, httpx: 304 UNSET, 404 ERROR 404, 500 ERROR 500
#
# Why it matters: a poller that asks with If-None-Match, as it should, has an error rate near one, the higher the less changes; and errors by
# error.type cannot be told apart. Look at http.response.status_code.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 requests==2.34.2 httpx==0.28.1 \
    opentelemetry-instrumentation-urllib==0.66b1 opentelemetry-instrumentation-requests==0.66b1 opentelemetry-instrumentation-httpx==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import requests
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.urllib import URLLibInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter, provider, reader = InMemorySpanExporter(), TracerProvider(), InMemoryMetricReader()
provider.add_span_processor(SimpleSpanProcessor(exporter))
meters = MeterProvider([reader])
for instrumentor in (URLLibInstrumentor, RequestsInstrumentor, HTTPXClientInstrumentor):
    instrumentor().instrument(tracer_provider=provider, meter_provider=meters)


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_response(304 if "If-None-Match" in self.headers else int(self.path[1:]))
        self.send_header("Content-Length", "0")
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()


def by_urllib(address, headers):
    try:
        urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=20).close()
    except urllib.error.HTTPError as error:
        error.close()


clients = {
    "urllib": by_urllib,
    "requests": lambda address, headers: requests.get(address, headers=headers, timeout=20),
    "httpx": lambda address, headers: httpx.get(address, headers=headers),
}
seen = {}
for name, ask in clients.items():
    exporter.clear()
    for status, headers in ((200, {}), (200, {"If-None-Match": '"1"'}), (404, {}), (500, {})):
        ask(f"http://127.0.0.1:{server.server_port}/{status}", headers)
    spans = exporter.get_finished_spans()
    seen[name] = [(span.attributes["http.response.status_code"], span.status.status_code.name, span.attributes.get("error.type")) for span in spans]
    print(f"{name}: {seen[name]}")
usual = [(200, "UNSET", None), (304, "UNSET", None), (404, "ERROR", "404"), (500, "ERROR", "500")]
assert seen["requests"] == seen["httpx"] == usual
assert seen["urllib"] == [(200, "UNSET", None), *((status, "ERROR", "HTTPError") for status in (304, 404, 500))]
points = {
    scope.scope.name.rsplit(".", 1)[1]: {(point.attributes.get("http.response.status_code"), point.attributes.get("error.type"))
                                         for metric in scope.metrics if metric.name == "http.client.request.duration"
                                         for point in metric.data.data_points}
    for scope in reader.get_metrics_data().resource_metrics[0].scope_metrics
}
print("histogram of urllib:", sorted(points["urllib"], key=str))
assert (304, "HTTPError") in points["urllib"] and (304, None) in points["requests"]
server.shutdown()
PYTHON
OTEL_SEMCONV_STABILITY_OPT_IN=http timeout 60 "$work/venv/bin/python" "$work/probe.py"
