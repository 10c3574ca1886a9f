#!/usr/bin/env bash
# Packages: PyPI azure-monitor-opentelemetry-exporter 1.0.0b58 with opentelemetry-sdk 1.45.1.
#
# One would guess: Application Insights has no buckets, so of a histogram count, sum, minimum and maximum are sent. An exponential histogram has all
# four as well, so it is no different; or it is left out with a warning.
#
# Seen: an exponential histogram is sent as one measurement of 0, at each export and for each set of attributes, whatever was recorded. Nothing is
# logged, the export is a success. An ordinary one has all four. The unit is sent for neither.
#   explicit buckets, 1, 2 and 3 -> value 6, count 3, min 1, max 3
#   exponential, 1, 2 and 3 -> value 0, count 1
#
# Why it matters: a view that was set for another exporter of the same program turns all latencies into zeros here, of which averages and charts are
# made.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    azure-monitor-opentelemetry-exporter==1.0.0b58
APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL=true timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import gzip
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from azure.monitor.opentelemetry.exporter import AzureMonitorMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View


logging.disable(logging.CRITICAL)
received = []


class ApplicationInsights(BaseHTTPRequestHandler):
    """Takes what is sent, in place of Azure's server."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        items = json.loads(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
        received.extend(item["data"] | {"tags": item["tags"]} for item in items)
        answer = json.dumps({"itemsReceived": len(items), "itemsAccepted": len(items), "errors": []}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


server = ThreadingHTTPServer(("127.0.0.1", 0), ApplicationInsights)
threading.Thread(target=server.serve_forever, daemon=True).start()
key = "00000000-0000-0000-0000-000000000001"
connection = f"InstrumentationKey={key};IngestionEndpoint=http://127.0.0.1:{server.server_port}/"
exporter = AzureMonitorMetricExporter.from_connection_string(connection, disable_offline_storage=True)
reader = PeriodicExportingMetricReader(exporter, export_interval_millis=600_000)
view = View(instrument_name="exponential", aggregation=ExponentialBucketHistogramAggregation())
provider = MeterProvider([reader], views=[view], shutdown_on_exit=False)
for name in ("explicit", "exponential"):
    histogram = provider.get_meter("probe").create_histogram(name, unit="s")
    for value in (1, 2, 3):
        histogram.record(value)
flushed = provider.force_flush()
points = {}
for item in received:
    (point,) = item["baseData"]["metrics"]
    points[point.pop("name")] = point
print(points, flushed)
assert points == {"explicit": {"value": 6, "count": 3, "min": 1, "max": 3}, "exponential": {"value": 0, "count": 1}} and flushed is True
server.shutdown()
PYTHON
