#!/usr/bin/env bash
# Package: PyPI opentelemetry-exporter-zipkin-json 1.45.1 with opentelemetry-sdk 1.45.1.
#
# One would guess: Zipkin has one set of tags for a span, so attributes of the span and of the resource are put together; where both have a name, the
# span's own value is kept, which is what is known best.
#
# Seen: the resource's value replaces the span's, without a word.
#   resource cloud.region=eu-1, span cloud.region=us-2: tag cloud.region=eu-1
#   resource version=1.0, span version=7 (of a document): tag version=1.0
#
# Why it matters: attributes that say where a call went or what it was about (region, version, deployment, a peer's service.name) tell where the
# caller is, and look right. The same spans over OTLP have both values, so the two backends disagree.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-exporter-zipkin-json==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.exporter.zipkin.json import ZipkinExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

received = []


class Collector(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        received.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
threading.Thread(target=server.serve_forever, daemon=True).start()
provider = TracerProvider(resource=Resource.create({"service.name": "shop", "cloud.region": "eu-1", "version": "1.0"}))
provider.add_span_processor(SimpleSpanProcessor(ZipkinExporter(endpoint=f"http://127.0.0.1:{server.server_port}/api/v2/spans")))
provider.get_tracer("probe").start_span("work", attributes={"cloud.region": "us-2", "version": "7", "own": "kept"}).end()
provider.shutdown()
server.shutdown()
tags = {name: received[0]["tags"][name] for name in ("cloud.region", "version", "own")}
print(tags)
assert tags == {"cloud.region": "eu-1", "version": "1.0", "own": "kept"}
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
