#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-starlette 0.66b1 and opentelemetry-instrumentation-fastapi 0.66b1 with opentelemetry-sdk 1.45.1,
# starlette 1.10.0, fastapi 0.165.0, uvicorn 0.54.0; OTEL_SEMCONV_STABILITY_OPT_IN=http.
#
# One would guess: a handler that throws gives the client a 500, and the histogram of request durations counts it with
# http.response.status_code=500 and with error.type, for Starlette as for FastAPI, which is built on it.
#
# Seen: so it is for FastAPI. For Starlette the point has neither attribute, and the span no status code: the 500 is written further outside than the
# middleware stands. A 500 that the handler returns has both.
#   fastapi, throws: client 500, span ERROR 500, point 500 error.type 500
#   starlette, throws: client 500, span ERROR None, point None error.type None
#   starlette, returns 500: client 500, span ERROR 500, point 500 error.type 500
#   starlette, throws, wrapped from outside: client 500, span ERROR 500, point 500 error.type 500
#
# Why it matters: a rate of errors over http_response_status_code=~"5.." does not see crashes, the very requests that it is for, and their share of
# the total is rather counted as good. Count points without a status code as errors, or wrap the application from outside:
# OpenTelemetryMiddleware(app) around the whole gets the 500.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-starlette==0.66b1 opentelemetry-instrumentation-fastapi==0.66b1 starlette==1.10.0 fastapi==0.165.0 uvicorn==0.54.0
cat > "$work/probe.py" <<'PYTHON'
import os
import socket
import threading
import time
import urllib.error
import urllib.request

os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"
import uvicorn
from fastapi import FastAPI
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.starlette import StarletteInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def throws(request=None):
    raise ValueError("a bug")


async def returns(_):
    return PlainTextResponse("sorry", status_code=500)


def starlette():
    return Starlette(routes=[Route("/throws", throws), Route("/returns", returns)])


def fastapi():
    app = FastAPI()

    @app.get("/throws")
    async def fails():
        raise ValueError("a bug")

    return app


def probe(title, make, path, instrument):
    memory, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers, meters = TracerProvider(), MeterProvider([reader])
    tracers.add_span_processor(SimpleSpanProcessor(memory))
    app = instrument(make(), tracer_provider=tracers, meter_provider=meters)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        status = urllib.request.urlopen("http://127.0.0.1:%d%s" % (listener.getsockname()[1], path)).status
    except urllib.error.HTTPError as error:
        status = error.code
    time.sleep(0.3)
    server.should_exit = True
    thread.join()
    (span,) = [span for span in memory.get_finished_spans() if span.kind.name == "SERVER"]
    (attributes,) = [
        point.attributes
        for scope in reader.get_metrics_data().resource_metrics[0].scope_metrics
        for metric in scope.metrics
        if metric.name == "http.server.request.duration"
        for point in metric.data.data_points
    ]
    code = "http.response.status_code"
    seen = (status, span.status.status_code.name, span.attributes.get(code), attributes.get(code), attributes.get("error.type"))
    print("%s: client %s, span %s %s, point %s error.type %s" % (title, *seen))
    return seen


def middleware(instrumentor):
    def instrument(app, **providers):
        instrumentor.instrument_app(app, **providers)
        return app

    return instrument


seen = [
    probe("fastapi, throws", fastapi, "/throws", middleware(FastAPIInstrumentor)),
    probe("starlette, throws", starlette, "/throws", middleware(StarletteInstrumentor)),
    probe("starlette, returns 500", starlette, "/returns", middleware(StarletteInstrumentor)),
    probe("starlette, throws, wrapped from outside", starlette, "/throws", OpenTelemetryMiddleware),
]
told = (500, "ERROR", 500, 500, "500")
assert seen == [told, (500, "ERROR", None, None, None), told, told], seen
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
