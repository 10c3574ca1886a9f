#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-tornado 0.66b1 with opentelemetry-sdk 1.45.1, tornado 6.6.1; OTEL_SEMCONV_STABILITY_OPT_IN=http.
#
# One would guess: each request is one value in the histogram of request durations, with the status that the client got, and the count of active
# requests goes up by one and down by one.
#
# Seen: a request that raises, HTTPError(404) as well as a bug, and one of an unknown path are two values: one from log_exception, one from on_finish.
# A bug counts once as 500 and once as 200. The count of active requests goes down twice.
#   5 good requests, 5 of a handler that throws, 5 of one that raises HTTPError(404), 5 of an unknown path
#   /good 200: 5; /bug 200: 5; /bug 500: 5; /gone 404: 10; unknown path 404: 10
#   active requests afterwards: -15
#   spans: 20, those of /bug with status 500
#
# Why it matters: 20 requests are 35 in the metrics. The rate of 5xx is lower than it is, since each crash is a success too, and the traffic higher;
# the count of active requests, which autoscalers read, falls without end. Count requests by spans, or at the proxy in front.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-tornado==0.66b1 tornado==6.6.1
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import logging
import os
import socket
from collections import Counter

os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"
from opentelemetry.instrumentation.tornado import TornadoInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

logging.disable(logging.CRITICAL)
memory, reader = InMemorySpanExporter(), InMemoryMetricReader()
tracers = TracerProvider()
tracers.add_span_processor(SimpleSpanProcessor(memory))
TornadoInstrumentor().instrument(tracer_provider=tracers, meter_provider=MeterProvider([reader]))
from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RequestHandler


class Good(RequestHandler):
    def get(self):
        self.write("ok")


class Bug(RequestHandler):
    def get(self):
        raise ValueError("a bug")


class Gone(RequestHandler):
    def get(self):
        raise HTTPError(404)


async def status(port, path):
    """Asks without a client of Tornado's, which would be instrumented too."""
    connection, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = await connection.read()
    writer.close()
    return int(answer.split()[1])


async def main():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.setblocking(False)
    server = HTTPServer(Application([("/good", Good), ("/bug", Bug), ("/gone", Gone)]))
    server.add_socket(listener)
    port = listener.getsockname()[1]
    answers = Counter([await status(port, path) for path in ("/good", "/bug", "/gone", "/unknown") for _ in range(5)])
    await asyncio.sleep(0.5)
    server.stop()
    return answers


answers = asyncio.run(main())
values, active = {}, 0
for scope in reader.get_metrics_data().resource_metrics[0].scope_metrics:
    for metric in scope.metrics:
        for point in metric.data.data_points:
            if metric.name == "http.server.request.duration":
                route = point.attributes.get("http.route", "unknown path")
                values[f"{route} {point.attributes['http.response.status_code']}"] = point.count
            elif metric.name == "http.server.active_requests":
                active += point.value
spans = Counter(span.attributes["http.response.status_code"] for span in memory.get_finished_spans() if span.kind.name == "SERVER")
print("answers:", dict(answers))
print("spans by status:", dict(spans))
print("values in the histogram:", values)
print("active requests afterwards:", active)
assert answers == spans == {200: 5, 500: 5, 404: 10}
assert values == {"/good 200": 5, "/bug 200": 5, "/bug 500": 5, "/gone 404": 10, "unknown path 404": 10}, values
assert active == -15, active
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
