#!/usr/bin/env bash
# Packages: PyPI fastapi 0.165.0, starlette 1.10.0, uvicorn 0.54.0, opentelemetry-instrumentation-fastapi 0.66b1 with opentelemetry-sdk 1.45.1.
#
# One would guess: FastAPI's own telemetry stands back where OpenTelemetry's instrumentation is at work, so that a request has one server
# span; below a mounted application, spans are children of the span of the outer one.
#
# Seen: it stands back for the application that was instrumented alone. An application that is mounted in it, or that is wrapped in the
# middleware from outside, records too, and takes its parent from the headers in place of the current span: a request without a traceparent
# becomes two traces with a root of kind SERVER each, one with a parent there has two server spans side by side. The routes are halves.
#   instrumented, /u/5: 1 trace, server spans [('/u/{id}', 'root')]
#   instrumented, /sub/u/5: 2 traces, server spans [('/sub', 'root'), ('/u/{id}', 'root')]
#   instrumented, /sub/u/5, traceparent: 1 trace, server spans [('/sub', 'caller'), ('/u/{id}', 'caller')]
#   wrapped, /u/5: 2 traces, server spans [(None, 'root'), ('/u/{id}', 'root')]
#   FastAPI alone, /sub/u/5: 1 trace, server spans [('/sub/u/{id}', 'root')]
#
# Why it matters: a request is counted twice, sampled twice with different results, and what the endpoint calls hangs below the span that the
# instrumentation knows nothing of. Mounting is how versions of an interface live in one process. Use one of the two: FastAPI's own, or
# FastAPI(telemetry={"tracing": False, …}) for each application below an instrumented one.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check fastapi==0.165.0 starlette==1.10.0 uvicorn==0.54.0 \
    opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 opentelemetry-instrumentation-fastapi==0.66b1 opentelemetry-instrumentation-asgi==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import threading
import time
import urllib.request

import fastapi
import uvicorn
from opentelemetry import trace
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def application():
    inner, outer = fastapi.FastAPI(), fastapi.FastAPI()
    for app in (inner, outer):
        app.get("/u/{id}")(lambda id: {"id": id})
    outer.mount("/sub", inner)
    return outer


def answer(app, path, headers):
    """Serves one request, and returns the server spans that it recorded."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    memory.clear()
    with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers), timeout=10) as response:
        assert response.status == 200
        response.read()
    server.should_exit = True
    thread.join(20)
    spans = [span for span in memory.get_finished_spans() if span.kind == trace.SpanKind.SERVER]
    ids = {span.context.span_id for span in spans}

    def place(span):
        if span.parent is None:
            return "root"
        return "child" if span.parent.span_id in ids else "caller"

    routes = [(span.attributes.get("http.route"), place(span)) for span in spans]
    return len({span.context.trace_id for span in spans}), sorted(routes, key=str)


instrumented = application()
FastAPIInstrumentor.instrument_app(instrumented, exclude_spans=["send", "receive"])
wrapped = OpenTelemetryMiddleware(application(), exclude_spans=["send", "receive"])
cases = [
    ("instrumented", instrumented, "/u/5", {}, (1, [("/u/{id}", "root")])),
    ("instrumented", instrumented, "/sub/u/5", {}, (2, [("/sub", "root"), ("/u/{id}", "root")])),
    ("instrumented", instrumented, "/sub/u/5", {"traceparent": parent}, (1, [("/sub", "caller"), ("/u/{id}", "caller")])),
    ("wrapped", wrapped, "/u/5", {}, (2, [("/u/{id}", "root"), (None, "root")])),
    ("FastAPI alone", application(), "/sub/u/5", {}, (1, [("/sub/u/{id}", "root")])),
]
for name, app, path, headers, expected in cases:
    seen = answer(app, path, headers)
    print(f"{name}, {path}{''.join(f', {header}' for header in headers)}: {seen[0]} trace{'s' * (seen[0] > 1)}, server spans {seen[1]}")
    assert (seen[0], sorted(seen[1], key=str)) == (expected[0], sorted(expected[1], key=str)), expected
PYTHON
OTEL_SEMCONV_STABILITY_OPT_IN=http timeout 90 "$work/venv/bin/python" "$work/probe.py"
