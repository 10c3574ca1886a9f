#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-prometheus 0.66b1 with opentelemetry-sdk 1.45.1 and prometheus-client 0.26.0.
#
# One would guess: measurements within sampled spans have exemplars, which the SDK keeps by default, and a scrape that asks for OpenMetrics gets them,
# as from prometheus-client itself.
#
# Seen: the SDK collects them, with their trace, and the exporter drops them. The page of OpenMetrics has none, for counters and histograms alike.
#   collected: 1 exemplar of the counter, 1 of the histogram
#   scraped: 0
#   prometheus-client alone: 1
#
# Why it matters: the way from a graph to a trace is missing for services that are scraped, while the same service has it over OTLP; neither the
# exporter nor Prometheus says so, and each reader has paid for keeping them. Send OTLP where exemplars matter.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-exporter-prometheus==0.66b1 prometheus-client==0.26.0
cat > "$work/probe.py" <<'PYTHON'
import urllib.request

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from prometheus_client import Counter, start_http_server

server, thread = start_http_server(0, "127.0.0.1")
reader = InMemoryMetricReader()
meter = MeterProvider([PrometheusMetricReader(), reader]).get_meter("probe")
orders, latency = meter.create_counter("orders"), meter.create_histogram("latency")
own = Counter("own", "A counter of prometheus-client.")
with TracerProvider().get_tracer("probe").start_as_current_span("work") as span:
    trace_id = f"{span.get_span_context().trace_id:032x}"
    orders.add(1)
    latency.record(3)
    own.inc(1, exemplar={"trace_id": trace_id})
collected = {
    metric.name: [exemplar.trace_id for point in metric.data.data_points for exemplar in point.exemplars]
    for metric in reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics
}
headers = {"Accept": "application/openmetrics-text; version=1.0.0"}
request = urllib.request.Request("http://127.0.0.1:%d/metrics" % server.server_port, headers=headers)
with urllib.request.urlopen(request) as answer:
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    lines = answer.read().decode().splitlines()
samples = {name: [line for line in lines if line.startswith(name)] for name in ("orders_total", "latency_bucket", "own_total")}
scraped = {name: sum(1 for line in found if " # {" in line) for name, found in samples.items()}
print("collected:", {name: len(found) for name, found in collected.items()})
print("scraped:", scraped)
assert {name: [f"{one:032x}" for one in found] for name, found in collected.items()} == {"orders": [trace_id], "latency": [trace_id]}
assert all(samples.values()) and scraped == {"orders_total": 0, "latency_bucket": 0, "own_total": 1}, scraped
server.shutdown()
thread.join()
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
