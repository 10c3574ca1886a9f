#!/usr/bin/env bash
# Packages: PyPI rotel 0.0.1a15 (a collector for telemetry), opentelemetry-proto 1.45.1.
#
# One would guess: whole numbers of OTLP over HTTP in JSON are read as texts, as the mapping of protobuf writes all integers of 64 bits
# ("asInt": "5"), and a request that is answered with 200 is handed on whole.
#
# Seen: a data point loses its value if the integer is a text, the canonical form, and keeps it if it is a number. A histogram whose counts are texts
# loses all its points: a metric with a name alone is handed on. Both requests are answered with 200. Integers of attributes are read in either form.
#   asInt "5": a point without a value;  asInt 5: 5;  asDouble 5.5: 5.5;  an attribute with intValue "7": 7
#   a histogram with count "3" and bucketCounts ["1", "2"]: no points;  with 3 and [1, 2]: 3
#
# Why it matters: counters of whole numbers and all histograms of an SDK that sends JSON by the rules arrive as nothing, while spans, log records and
# gauges of doubles beside them are right. Nothing fails. Send it protobuf.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check rotel==0.0.1a15 opentelemetry-proto==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import gzip
import http.server
import importlib.util
import json
import pathlib
import socket
import subprocess
import sys
import threading
import time
import urllib.request

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

work = pathlib.Path(sys.argv[1])
points = {}


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps the points that are handed on, by the names of their metrics."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        request = ExportMetricsServiceRequest.FromString(body)
        for metric in (metric for resource in request.resource_metrics for scope in resource.scope_metrics for metric in scope.metrics):
            kind = metric.WhichOneof("data")
            points[metric.name] = getattr(metric, kind).data_points[0] if kind else None
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()
web, rpc = free_port(), free_port()
program = pathlib.Path(importlib.util.find_spec("rotel").origin).parent / "rotel-agent"
command = [
    str(program), "start", "--otlp-http-endpoint", f"127.0.0.1:{web}", "--otlp-grpc-endpoint", f"127.0.0.1:{rpc}",
    "--otlp-exporter-endpoint", f"http://127.0.0.1:{server.server_address[1]}", "--otlp-exporter-protocol", "http",
    "--pid-file", str(work / "pid"), "--log-file", str(work / "log"),
]
metrics = {
    "text": {"sum": {"dataPoints": [{"asInt": "5", "attributes": [{"key": "a", "value": {"intValue": "7"}}]}]}},
    "number": {"sum": {"dataPoints": [{"asInt": 5}]}},
    "double": {"sum": {"dataPoints": [{"asDouble": 5.5}]}},
    "histogram, texts": {"histogram": {"dataPoints": [{"count": "3", "sum": 6.0, "bucketCounts": ["1", "2"], "explicitBounds": [1.0]}]}},
    "histogram, numbers": {"histogram": {"dataPoints": [{"count": 3, "sum": 6.0, "bucketCounts": [1, 2], "explicitBounds": [1.0]}]}},
}
for metric in metrics.values():
    for data in metric.values():
        data["aggregationTemporality"] = 2
        data["dataPoints"][0]["timeUnixNano"] = "1764000000000000000"
statuses = []
with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as agent:
    try:
        end = time.monotonic() + 30
        while time.monotonic() < end and agent.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", web)) == 0:
                    break
            time.sleep(0.05)
        for name, metric in metrics.items():
            body = {"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": name, **metric}]}]}]}
            request = urllib.request.Request(
                f"http://127.0.0.1:{web}/v1/metrics", json.dumps(body).encode(), {"Content-Type": "application/json"})
            statuses.append(urllib.request.urlopen(request, timeout=10).status)
        while len(points) < len(metrics) and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        agent.terminate()
        try:
            agent.wait(10)
        except subprocess.TimeoutExpired:
            agent.kill()
seen = {
    "statuses": statuses,
    "asInt, a text": points["text"].WhichOneof("value"),
    "its attribute": points["text"].attributes[0].value.int_value,
    "asInt, a number": (points["number"].WhichOneof("value"), points["number"].as_int),
    "asDouble": points["double"].as_double,
    "histogram, counts as texts": points["histogram, texts"] and points["histogram, texts"].count,
    "histogram, counts as numbers": points["histogram, numbers"] and points["histogram, numbers"].count,
}
expected = {
    "statuses": [200] * 5, "asInt, a text": None, "its attribute": 7, "asInt, a number": ("as_int", 5), "asDouble": 5.5,
    "histogram, counts as texts": None, "histogram, counts as numbers": 3,
}
for key, value in seen.items():
    print(f"{key}: {value}")
if seen != expected:
    sys.exit(f"Another result than the one stated: {expected}")
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "$work"
