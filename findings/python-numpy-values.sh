#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-otlp-proto-http 1.45.1 with opentelemetry-sdk 1.45.1, numpy 2.4.6.
#
# One would guess: numbers of numpy, which stand for Python's nearly everywhere, are numbers as attributes, or are left out with a warning; a counter
# takes them as Python's, an integer as an integer.
#
# Seen: as attributes, integers, single floats and truth values are texts ("5", "1.5", "True"), arrays are text as well, and float64 alone is a
# number. As measurements all are taken and are doubles. And the counter adds in the type of what it was given: two times 200 of the type uint8 are
# 144. A warning of numpy says so.
#   attributes: int64(5) "5", float32(1.5) "1.5", bool(True) "True", array([1, 2]) "[1 2]", float64(1.5) 1.5
#   counter:    int64(5) twice: 10.0, a double;  uint8(200) twice: 144.0;  uint16(40000) twice: 14464.0
#
# Why it matters: "where batch.size > 4" finds nothing, and a sum over small types (pixels, bytes of a frame, quantized values) goes round at 256 or
# 65536, down as well as up, in a metric that says it is monotonic. Write int(value) and float(value).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.1 opentelemetry-exporter-otlp-proto-http==1.45.1 numpy==2.4.6
cat > "$work/probe.py" <<'PYTHON'
import http.server
import threading
import warnings

import numpy
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider

sent = {}


class Receiver(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        request = ExportMetricsServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        for metric in request.resource_metrics[0].scope_metrics[0].metrics:
            point = metric.sum.data_points[0]
            kind = point.WhichOneof("value")
            sent[metric.name] = kind, getattr(point, kind), metric.sum.is_monotonic
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()

span = TracerProvider().get_tracer("probe").start_span("work")
values = {
    "int64": numpy.int64(5),
    "float32": numpy.float32(1.5),
    "bool": numpy.bool_(True),
    "array": numpy.array([1, 2]),
    "float64": numpy.float64(1.5),
}
for name, value in values.items():
    span.set_attribute(name, value)
print(dict(span.attributes))
assert dict(span.attributes) == {"int64": "5", "float32": "1.5", "bool": "True", "array": "[1 2]", "float64": 1.5}

exporter = OTLPMetricExporter(f"http://127.0.0.1:{receiver.server_port}/v1/metrics")
provider = MeterProvider([PeriodicExportingMetricReader(exporter, export_interval_millis=600_000)])
meter = provider.get_meter("probe")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    for name, value in {"int": 5, "int64": numpy.int64(5), "uint8": numpy.uint8(200), "uint16": numpy.uint16(40000)}.items():
        counter = meter.create_counter(name)
        counter.add(value)
        counter.add(value)
provider.force_flush()
provider.shutdown()
print(sent, [str(warning.message) for warning in caught])
assert sent == {
    "int": ("as_int", 10, True),
    "int64": ("as_double", 10.0, True),
    "uint8": ("as_double", 144.0, True),
    "uint16": ("as_double", 14464.0, True),
}
assert sum(issubclass(warning.category, RuntimeWarning) and "overflow" in str(warning.message) for warning in caught) == 2
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
