#!/usr/bin/env bash
# Packages: PyPI litestar 2.25.0 with its OpenTelemetryPlugin, opentelemetry-instrumentation-asgi 0.66b1, opentelemetry-sdk 1.45.1.
#
# One would guess: Litestar's own plugin knows its routes, so http.route is "/orders/{id:int}" or the like, and the histogram of durations has it, as
# with FastAPI.
#
# Seen: http.route is the method and the path as it came, in one text, for unknown paths as well, and so is the span's name. The histogram has no
# route at all.
#   GET /orders/1 -> name "GET /orders/1", http.route "GET /orders/1"
#   GET /nothing -> http.route "GET /nothing"
#   histogram: one series for each status, without http.route and http.target
#
# Why it matters: whatever groups by http.route (pages of services, span metrics) gets a group for each order and for each path that a scanner tries,
# and none that matches the same endpoint in another framework. scope_span_details_extractor is the place to mend it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    litestar==2.25.0 opentelemetry-instrumentation-asgi==0.66b1 httpx==0.28.1
timeout 60 "$work/venv/bin/python" -W ignore - <<'PYTHON'
import logging

from litestar import Litestar, get
from litestar.plugins.opentelemetry import OpenTelemetryConfig, OpenTelemetryPlugin
from litestar.testing import TestClient
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

logging.disable(logging.CRITICAL)
exporter = InMemorySpanExporter()
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(exporter))
reader = InMemoryMetricReader()
meters = MeterProvider([reader], shutdown_on_exit=False)


@get("/orders/{id:int}")
async def order(id: int) -> dict:
    return {"id": id}


config = OpenTelemetryConfig(tracer_provider=provider, meter_provider=meters, exclude_spans=["send", "receive"])
with TestClient(Litestar([order], plugins=[OpenTelemetryPlugin(config)])) as client:
    statuses = [client.get(path).status_code for path in ("/orders/1", "/orders/2", "/nothing")]
assert statuses == [200, 200, 404], statuses
routes = [(span.name, span.attributes["http.route"]) for span in exporter.get_finished_spans()]
print(routes)
assert routes == [(text, text) for text in ("GET /orders/1", "GET /orders/2", "GET /nothing")], routes
(metrics,) = reader.get_metrics_data().resource_metrics
durations = [metric for scope in metrics.scope_metrics for metric in scope.metrics if metric.name == "http.server.duration"]
points = {point.attributes["http.status_code"]: point for point in durations[0].data.data_points}
print({status: (point.count, sorted(point.attributes)) for status, point in points.items()})
assert {status: point.count for status, point in points.items()} == {200: 2, 404: 1}
assert not any({"http.route", "http.target"} & set(point.attributes) for point in points.values())
PYTHON
