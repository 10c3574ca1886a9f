#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-flask 0.66b1 with opentelemetry-sdk 1.45.1, Flask 3.1.3, Werkzeug 3.1.9.
#
# One would guess: a request that matches no route is named by its method alone, as the conventions for HTTP say, since a path has no bound
# on its values; and a method that no route takes has the name of the route that the path belongs to, or the method alone.
#
# Seen: with OTEL_SEMCONV_STABILITY_OPT_IN=http or without, the name holds the path as it came: for 404, for 405, and for Flask's redirect to the
# path with a slash. Only a method that is unknown to HTTP is named HTTP.
#   GET /album/42 -> 200 'GET /album/<int:id>'
#   GET /album/x -> 404 'GET /album/x'
#   GET /.env -> 404 'GET /.env'
#   POST /album/42 -> 405 'POST /album/42'
#   GET /albums -> 308 'GET /albums'
#   PURGE /album/42 -> 405 'HTTP'
#
# Why it matters: whoever scans a site for files makes as many names as requests, in lists of operations, in metrics made from spans, and in their
# bills; a route with an identifier does so with each 405. Rename such spans in a processor or in the collector: no http.route, no path.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-flask==0.66b1 Flask==3.1.3 Werkzeug==3.1.9
cat > "$work/probe.py" <<'PYTHON'
import os

import flask
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
app = flask.Flask("probe")
app.get("/album/<int:id>", endpoint="album")(lambda id: str(id))
app.get("/albums/", endpoint="albums")(lambda: "all")
FlaskInstrumentor().instrument_app(app, tracer_provider=provider)
client = app.test_client()
expected = {
    ("GET", "/album/42"): (200, "GET /album/<int:id>"),
    ("GET", "/album/x"): (404, "GET /album/x"),
    ("GET", "/.env"): (404, "GET /.env"),
    ("POST", "/album/42"): (405, "POST /album/42"),
    ("GET", "/albums"): (308, "GET /albums"),
    ("PURGE", "/album/42"): (405, "HTTP"),
}
for (method, path), wanted in expected.items():
    memory.clear()
    status = client.open(path, method=method).status_code
    (span,) = memory.get_finished_spans()
    if os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"]:
        print(f"{method} {path} -> {status} {span.name!r}")
    assert (status, span.name) == wanted
    assert ("http.route" in span.attributes) == (status == 200)
PYTHON
for convention in "" http; do OTEL_SEMCONV_STABILITY_OPT_IN=$convention timeout 60 "$work/venv/bin/python" "$work/probe.py"; done
