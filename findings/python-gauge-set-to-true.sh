#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-otlp-proto-http 1.45.1 and opentelemetry-exporter-otlp-json-file 0.66b1 with opentelemetry-sdk 1.45.1,
# protobuf 7.36.2 and 6.33.6.
#
# One would guess: a gauge that is set to True, as in ready.set(is_ready), is 1. True is an integer of 1 in Python, for type checkers too, and the SDK
# takes the measurement.
#
# Seen: it depends on the version of protobuf. With 6 it is 1. With 7, which the exporter takes as well, a truth value is no integer: the exporter
# fails at it, and no metric of the process is sent any more, now and at each later export. force_flush() returns True. The JSON exporters write
# "asInt":"True", at which a reader that follows protobuf's JSON rules refuses the whole request.
#   protobuf 6.33.6: 1 request, ready 1, orders 3
#   protobuf 7.36.2: no request, force_flush() True
#   JSON: "asInt":"True", refused with all else in the request
#
# Why it matters: an update of a dependency that nobody chose, or a change to JSON, takes all metrics of a process away for the sake of one. The same
# holds for counters and histograms, as in errors.add(failed).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/probe.py" <<'PYTHON'
import io
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import google.protobuf
from google.protobuf import json_format
from opentelemetry.exporter.otlp.json.file.metric_exporter import FileMetricExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, PeriodicExportingMetricReader

logging.disable(logging.CRITICAL)
received = []


class Receiver(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        request = ExportMetricsServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        received.append({metric.name: metric for metric in request.resource_metrics[0].scope_metrics[0].metrics})
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
exporter = OTLPMetricExporter(f"http://127.0.0.1:{server.server_port}/v1/metrics")
memory = InMemoryMetricReader()
provider = MeterProvider([PeriodicExportingMetricReader(exporter, export_interval_millis=600_000), memory], shutdown_on_exit=False)
meter = provider.get_meter("probe")
meter.create_counter("orders").add(3)
meter.create_gauge("ready").set(True)
flushed = provider.force_flush()
values = [(one["ready"].gauge.data_points[0].as_int, one["orders"].sum.data_points[0].as_int) for one in received]
print(f"protobuf {google.protobuf.__version__}: {len(received)} requests, (ready, orders) {values}, force_flush: {flushed}")
expected = [(1, 3)] if google.protobuf.__version__.startswith("6.") else []
assert values == expected and flushed is True
output = io.StringIO()
FileMetricExporter(stream=output).export(memory.get_metrics_data())
assert '"asInt":"True"' in output.getvalue(), output.getvalue()
try:
    json_format.Parse(output.getvalue(), ExportMetricsServiceRequest())
    raise SystemExit("read")
except json_format.ParseError as error:
    print(f"JSON: refused, {error}")
server.shutdown()
PYTHON
for protobuf in 6.33.6 7.36.2; do
    python3 -m venv "$work/$protobuf"
    "$work/$protobuf/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
        opentelemetry-exporter-otlp-proto-http==1.45.1 opentelemetry-exporter-otlp-proto-common==1.45.1 opentelemetry-proto==1.45.1 \
        opentelemetry-exporter-otlp-json-file==0.66b1 protobuf==$protobuf
    timeout 60 "$work/$protobuf/bin/python" "$work/probe.py"
done
