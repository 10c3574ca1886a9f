#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-zipkin-json 1.45.1 with opentelemetry-sdk 1.45.1, py-zipkin 1.2.8.
#
# One would guess: a span that was sampled in the usual way is sent to Zipkin without "debug", which Zipkin has for spans that somebody demanded: they
# are stored whatever the collector's own sampling says.
#
# Seen: each span that is exported says "debug": true. It is set from the sampled flag. py_zipkin, a client made for Zipkin, does not send it.
#   OpenTelemetry, sampled: debug true
#   py_zipkin, sampled: no debug
#
# Why it matters: COLLECTOR_SAMPLE_RATE of a Zipkin server, the switch for too much load, has no effect on services in Python, and a search for traces
# that were recorded on demand finds all of theirs.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 py-zipkin==1.2.8 \
    opentelemetry-exporter-zipkin-json==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.exporter.zipkin.json import ZipkinExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from py_zipkin import Encoding, zipkin

received = []


class Collector(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
threading.Thread(target=server.serve_forever, daemon=True).start()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(ZipkinExporter(endpoint=f"http://127.0.0.1:{server.server_port}/api/v2/spans")))
with provider.get_tracer("probe").start_as_current_span("work"):
    pass
provider.shutdown()
server.shutdown()


def by_py_zipkin():
    sent = []
    attributes = zipkin.ZipkinAttrs(trace_id="a" * 32, span_id="b" * 16, parent_span_id=None, flags="0", is_sampled=True)
    with zipkin.zipkin_server_span("probe", "work", zipkin_attrs=attributes, transport_handler=sent.append, encoding=Encoding.V2_JSON):
        pass
    return json.loads(sent[0])[0]


seen = [received[0][0].get("debug"), by_py_zipkin().get("debug")]
print("OpenTelemetry: debug %s; py_zipkin: debug %s" % tuple(seen))
assert seen[0] is True and not seen[1], seen
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
