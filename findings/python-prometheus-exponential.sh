#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-prometheus 0.66b2 with opentelemetry-sdk 1.45.2 and prometheus-client 0.26.0.
#
# One would guess: an exponential histogram, which the text formats cannot carry, is left out with a warning, and the
# other metrics are served as before.
#
# Seen: the scrape as a whole answers 500 from the first recorded value on, also for OpenMetrics. The exporter has a
# branch that warns "Unsupported metric data", but reads `.value` of the data point before it gets there.
#   before: 200, orders_total served: True
#   after: 500, orders_total served: False
#   AttributeError: 'ExponentialHistogramDataPoint' object has no attribute 'value'
#
# Why it matters: one view with exponential buckets, good for OTLP, takes away every metric of the process from
# Prometheus as soon as the code path behind it runs. The server shows only up 0. Whoever sends to both should set
# the exponential aggregation for the OTLP reader alone; an alert on up == 0 catches it, one on missing data may not.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.2 opentelemetry-sdk==1.45.2 \
    opentelemetry-exporter-prometheus==0.66b2 prometheus-client==0.26.0
cat > "$work/probe.py" <<'PYTHON'
import urllib.error
import urllib.request

from prometheus_client import start_http_server
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View

provider = MeterProvider(
    metric_readers=[PrometheusMetricReader()],
    views=[View(instrument_name="latency", aggregation=ExponentialBucketHistogramAggregation())],
)
meter = provider.get_meter("probe")
meter.create_counter("orders").add(1)
latency = meter.create_histogram("latency", unit="s")
server, thread = start_http_server(0, addr="127.0.0.1")


def scrape(accept):
    request = urllib.request.Request(f"http://127.0.0.1:{server.server_port}/metrics", headers={"Accept": accept})
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def show(when, status, text):
    print(f"{when}: {status}, orders_total served: {'orders_total' in text}")


before = scrape("text/plain")
show("before", *before)
latency.record(0.2)
after = scrape("text/plain")
show("after", *after)
open_metrics = scrape("application/openmetrics-text")
show("after, OpenMetrics", *open_metrics)
server.shutdown()
assert before[0] == 200 and "orders_total" in before[1]
for status, text in (after, open_metrics):
    assert status == 500 and "orders_total" not in text, (status, text)
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" 2> "$work/errors" || { cat "$work/errors" >&2; exit 1; }
grep "AttributeError: 'ExponentialHistogramDataPoint' object has no attribute 'value'" "$work/errors" | sort -u
