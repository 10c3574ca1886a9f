#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-asgi 0.66b1 with opentelemetry-sdk 1.45.1 (no server: the application is called as a server calls it).
#
# One would guess: http.server.response.body.size is the size of the response that its point describes, and a response that does not say its
# length (it is streamed in chunks) has no value there.
#
# Seen: the length is kept in the middleware, which is one for all requests. A response without a length is recorded with that of the last response
# that had one, under its own route and status; of two at once both have the length that came last.
#   file of 1000000 bytes: [('/file', 1000000)]
#   then a stream of 3 bytes: [('/file', 1000000), ('/stream', 1000000)]
#   small (10) and file (1000000) at once: [('/file', 1000000), ('/small', 1000000)]
#
# Why it matters: the histogram by route is wrong for each service that streams or that answers more than one request at a time, and nothing in it
# looks wrong. Take sizes from the proxy in front. (FastAPI's and Starlette's instrumentations are this middleware.)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-asgi==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import os

os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

SIZES = {"/file": 1_000_000, "/small": 10}


async def app(scope, receive, send):
    path = scope["path"]
    headers = [(b"content-length", str(SIZES[path]).encode())] if path in SIZES else []
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await asyncio.sleep(0.05)
    await send({"type": "http.response.body", "body": b"x" * SIZES.get(path, 3)})


async def call(instrumented, path):
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": [(b"host", b"localhost")], "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
    }

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_):
        pass

    await instrumented(scope, receive, send)


def sizes(reader):
    return sorted(
        (point.attributes["http.route"], point.sum)
        for scope in reader.get_metrics_data().resource_metrics[0].scope_metrics
        for metric in scope.metrics
        if metric.name == "http.server.response.body.size"
        for point in metric.data.data_points
    )


def details(scope):
    """Names a span, and gives the route as an attribute, as instrumentations of frameworks do."""
    return scope["path"], {"http.route": scope["path"]}


def instrument():
    reader = InMemoryMetricReader()
    return OpenTelemetryMiddleware(app, meter_provider=MeterProvider([reader]), default_span_details=details), reader


async def main():
    instrumented, reader = instrument()
    await call(instrumented, "/file")
    first = sizes(reader)
    await call(instrumented, "/stream")
    then = sizes(reader)
    instrumented, reader = instrument()
    await asyncio.gather(call(instrumented, "/small"), call(instrumented, "/file"))
    together = sizes(reader)
    print("file of 1000000 bytes:", first)
    print("then a stream of 3 bytes:", then)
    print("small (10) and file (1000000) at once:", together)
    assert first == [("/file", 1000000)]
    assert then == [("/file", 1000000), ("/stream", 1000000)]
    assert together == [("/file", 1000000), ("/small", 1000000)]


asyncio.run(main())
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
