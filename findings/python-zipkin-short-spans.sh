#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-zipkin-json and -zipkin-proto-http 1.45.1 with opentelemetry-sdk 1.45.1.
#
# One would guess: a span of less than a microsecond has the duration 1 in Zipkin, which counts in whole microseconds: Zipkin's model asks for at
# least 1, since 0 and a missing duration both mean that it is not known. An internal span leaves the field "kind" out.
#
# Seen: the duration is 0, over JSON as over protobuf, where 0 is the same as no duration at all. "kind" of an internal span is null in JSON. Other
# times are rounded to the nearest microsecond: 1.5 µs are 2, a start of …456.789 is …457.
#   0 ns: 0;  400 ns: 0;  1500 ns: 2
#
# Why it matters: steps that are timed because they should be fast (cache hits, checks) look as if they had not ended, and are left out where
# durations are compared.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.1 opentelemetry-exporter-zipkin-json==1.45.1 \
    opentelemetry-exporter-zipkin-proto-http==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import http.server
import json
import threading

from opentelemetry.exporter.zipkin.json import ZipkinExporter
from opentelemetry.exporter.zipkin.proto.http import ZipkinExporter as ProtobufExporter
from opentelemetry.exporter.zipkin.proto.http.v2.gen import zipkin_pb2
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

bodies = []


class Receiver(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()


receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
lengths = (0, 400, 1500, 5000)


def export(exporter):
    bodies.clear()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter(endpoint=f"http://127.0.0.1:{receiver.server_port}/api/v2/spans")))
    for length in lengths:
        start = 1_700_000_000_123_456_789
        provider.get_tracer("probe").start_span("check", start_time=start).end(start + length)
    provider.shutdown()
    return list(bodies)


spans = [json.loads(body)[0] for body in export(ZipkinExporter)]
protobuf = [zipkin_pb2.ListOfSpans.FromString(body).spans[0] for body in export(ProtobufExporter)]
for length, span, other in zip(lengths, spans, protobuf):
    print(f"{length} ns: JSON {span['duration']}, kind {span['kind']}, timestamp {span['timestamp']}; protobuf {other.duration}")
assert [span["duration"] for span in spans] == [0, 0, 2, 5] == [span.duration for span in protobuf]
assert all("kind" in span and span["kind"] is None for span in spans)
assert {span["timestamp"] for span in spans} == {1_700_000_000_123_457}
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
