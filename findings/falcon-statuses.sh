#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-falcon 0.66b1 with opentelemetry-sdk 1.45.1, falcon 4.4.0; OTEL_SEMCONV_STABILITY_OPT_IN=http.
#
# One would guess: the span and the metrics of a request have the status that the client got, and the instrumentation changes no answer.
#
# Seen: a request that a sink answers (add_sink, Falcon's way to mount something below a path) with 200 is a 404 in the span and in the histogram. A
# handler that sets the status as a number (resp.status = 201) or as an HTTPStatus, which Falcon takes since version 3, answers 500 once it is
# instrumented, after it has done its work: the instrumentation expects text, and its own error becomes the answer. Span and histogram have no status
# for it.
#   sink: client 200, span 404
#   resp.status = 201, or HTTPStatus.CREATED: client 201, instrumented 500, span without a status code, UNSET
#   resp.status = falcon.HTTP_201: client 201, span 201
#
# Why it matters: to switch tracing on breaks handlers, orders are made and clients told that they failed, so they send them again; and in the
# telemetry there is no error. Look for statuses that are numbers before instrumenting; the constants of Falcon work.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-falcon==0.66b1 falcon==4.4.0
cat > "$work/probe.py" <<'PYTHON'
import logging
import os
from http import HTTPStatus

os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"
import falcon
from falcon import testing
from opentelemetry.instrumentation.falcon import FalconInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

logging.disable(logging.CRITICAL)
STATUSES = {"/number": 201, "/text": falcon.HTTP_201, "/enumeration": HTTPStatus.CREATED}
PATHS = [*STATUSES, "/sink/file"]
orders = []


class Orders:
    def __init__(self, status):
        self.status = status

    def on_post(self, request, response):
        orders.append(request.path)
        response.status = self.status


def application():
    app = falcon.App()
    for path, status in STATUSES.items():
        app.add_route(path, Orders(status))
    app.add_sink(lambda request, response: None, "/sink")
    return testing.TestClient(app)


plain = {path: application().simulate_post(path).status_code for path in PATHS}
memory, reader = InMemorySpanExporter(), InMemoryMetricReader()
tracers = TracerProvider()
tracers.add_span_processor(SimpleSpanProcessor(memory))
FalconInstrumentor().instrument(tracer_provider=tracers, meter_provider=MeterProvider([reader]))
client, seen = application(), {}
orders.clear()
for path in PATHS:
    memory.clear()
    status = client.simulate_post(path, wsgierrors=open(os.devnull, "w")).status_code
    (span,) = memory.get_finished_spans()
    seen[path] = (plain[path], status, span.attributes.get("http.response.status_code"), span.status.status_code.name)
    print(path, "plain %d, instrumented %d, span %s %s" % seen[path])
assert orders == list(STATUSES)
assert seen == {
    "/number": (201, 500, None, "UNSET"), "/text": (201, 201, 201, "UNSET"), "/enumeration": (201, 500, None, "UNSET"),
    "/sink/file": (200, 200, 404, "UNSET"),
}, seen
points = [
    (point.attributes.get("http.response.status_code"), point.count)
    for scope in reader.get_metrics_data().resource_metrics[0].scope_metrics
    for metric in scope.metrics
    if metric.name == "http.server.request.duration"
    for point in metric.data.data_points
]
print("histogram:", points)
assert sorted(points, key=str) == [(201, 1), (404, 1), (None, 2)], points
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
