#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-otlp-proto-http 1.45.1 with opentelemetry-sdk 1.45.2 and requests 2.34.2.
#
# One would guess: a redirect is either followed or counted as a failed export, with a line in the log.
#
# Seen: every answer below 400 is a success. On 301, 302, 303, 307 and 308 the exporter sends nothing to the new
# address, logs nothing and returns SUCCESS. The same for a 304 and for a 200 with an HTML page in it.
#   301 SpanExportResult.SUCCESS, requests: ['POST /v1/traces'], log lines: 0
#   HTML page SpanExportResult.SUCCESS, requests: ['POST /v1/traces'], log lines: 0
#   400 SpanExportResult.FAILURE, requests: ['POST /v1/traces'], log lines: 1
#
# Why it matters: a load balancer that sends plain HTTP on to HTTPS, or a login page in front of a collector,
# swallows all data while the sender takes it for delivered: nothing is tried again, counted as lost or logged.
# Whoever moves a receiver has to answer 4xx or 5xx at the old address, not redirect; whoever writes an exporter
# should take only 2xx for a success.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.2 opentelemetry-sdk==1.45.2 \
    opentelemetry-exporter-otlp-proto-http==1.45.1 requests==2.34.2 urllib3==2.8.0
cat > "$work/probe.py" <<'PYTHON'
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

requests_seen, lines, answer = [], [], {}


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        requests_seen.append(f"{self.command} {self.path}")
        self.send_response(answer["status"])
        for name, value in answer["headers"].items():
            self.send_header(name, value)
        if answer["status"] != 304:
            self.send_header("Content-Length", str(len(answer["body"])))
        self.end_headers()
        self.wfile.write(answer["body"])

    do_GET = do_POST = reply


class Collect(logging.Handler):
    def emit(self, record):
        if record.name.startswith("opentelemetry"):
            lines.append(record.getMessage())


logging.getLogger().addHandler(Collect())
logging.getLogger().setLevel(logging.INFO)
server = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
provider.get_tracer("probe").start_span("one").end()

moved = {"Location": f"http://127.0.0.1:{server.server_port}/elsewhere"}
cases = [(str(status), status, moved, b"") for status in (301, 302, 303, 307, 308)]
cases += [
    ("304", 304, {}, b""),
    ("HTML page", 200, {"Content-Type": "text/html"}, b"<html>log in</html>"),
    ("400", 400, {}, b""),
]
for name, status, headers, body in cases:
    requests_seen.clear()
    lines.clear()
    answer.update(status=status, headers=headers, body=body)
    exporter = OTLPSpanExporter(f"http://127.0.0.1:{server.server_port}/v1/traces", timeout=5)
    result = exporter.export(memory.get_finished_spans())
    print(f"{name} {result}, requests: {requests_seen}, log lines: {len(lines)}")
    assert requests_seen == ["POST /v1/traces"], requests_seen
    if name == "400":
        assert result is SpanExportResult.FAILURE and lines
    else:
        assert result is SpanExportResult.SUCCESS and not lines, (result, lines)
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
