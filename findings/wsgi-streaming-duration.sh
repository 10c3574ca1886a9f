#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-wsgi and -asgi 0.66b1 with opentelemetry-sdk 1.45.1; OTEL_SEMCONV_STABILITY_OPT_IN=http.
#
# One would guess: the server span and the histogram of request durations tell the same duration of a streamed response, as both are made by the same
# middleware; with ASGI they do.
#
# Seen: with WSGI the span lasts until the last chunk, and the histogram has the time until the application returned its iterator. A generator that
# calls start_response when it is first read, which WSGI allows, has a value without a status.
#   stream of 0.5 s: WSGI span 0.5 s, histogram 0.0 s;  ASGI span 0.5 s, histogram 0.5 s
#   start_response in the generator: span 200, histogram without http.response.status_code
#
# Why it matters: exports, reports and whatever reads its rows while it answers take milliseconds in dashboards and objectives, and minutes in traces.
# The slowest routes of a service look like its fastest. Take durations from spans, or from the proxy.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-wsgi==0.66b1 opentelemetry-instrumentation-asgi==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import time
from wsgiref.util import setup_testing_defaults

from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware as ASGIMiddleware
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware as WSGIMiddleware
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


def measured(run):
    """Runs a request, and returns duration and status of its server span, and sum and status of the histogram."""
    exporter, provider, reader = InMemorySpanExporter(), TracerProvider(), InMemoryMetricReader()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    run({"tracer_provider": provider, "meter_provider": MeterProvider([reader])})
    span = next(span for span in exporter.get_finished_spans() if span.kind.name == "SERVER")
    metrics = reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics
    (point,) = next(metric for metric in metrics if metric.name == "http.server.request.duration").data.data_points
    status = "http.response.status_code"
    return (span.end_time - span.start_time) / 1e9, span.attributes.get(status), point.sum, point.attributes.get(status)


def wsgi(providers, lazy=False):
    def application(environment, start_response):
        def chunks():
            if lazy:
                start_response("200 OK", [])
            for _ in range(5):
                time.sleep(0.1)
                yield b"x"

        if not lazy:
            start_response("200 OK", [])
        return chunks()

    environment = {}
    setup_testing_defaults(environment)
    chunks = WSGIMiddleware(application, **providers)(environment, lambda *_: None)
    assert b"".join(chunks) == b"xxxxx"
    getattr(chunks, "close", lambda: None)()


def asgi(providers):
    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(5):
            await asyncio.sleep(0.1)
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def nothing(*_):
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "headers": [], "scheme": "http",
             "http_version": "1.1", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 9)}
    asyncio.run(ASGIMiddleware(application, **providers)(scope, nothing, nothing))


seen = {"WSGI": measured(wsgi), "WSGI, lazy": measured(lambda providers: wsgi(providers, lazy=True)), "ASGI": measured(asgi)}
for title, (span, status, histogram, counted) in seen.items():
    print(f"{title}: span {span:.2f} s, {status}; histogram {histogram:.2f} s, {counted}")
assert seen["WSGI"][0] >= 0.5 and seen["WSGI"][2] < 0.3 and seen["WSGI"][1] == seen["WSGI"][3] == 200
assert seen["WSGI, lazy"][1] == 200 and seen["WSGI, lazy"][3] is None
assert seen["ASGI"][0] >= 0.5 and seen["ASGI"][2] >= 0.5
PYTHON
OTEL_SEMCONV_STABILITY_OPT_IN=http timeout 60 "$work/venv/bin/python" "$work/probe.py"
