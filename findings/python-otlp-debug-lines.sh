#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-logging 0.66b1, opentelemetry-exporter-otlp-proto-http 1.45.1 with opentelemetry-sdk 1.45.1, urllib3
# 2.8.0.
#
# One would guess: with OpenTelemetry's handler on the root logger at DEBUG, lines that the exporter's own HTTP client logs while it exports are kept
# out: the SDK marks an export as not to be instrumented, and the instrumentations of the clients heed that.
#
# Seen: the handler does not. urllib3 logs a line for each request, which is a record for the next export, which logs a line, and so on: the program
# exports once per interval for as long as it runs, with nothing of its own to say.
#   one line of the program, interval 0.2 s: 10 exports in about 2 s, all but the first with lines of urllib3 alone
#
# Why it matters: a program that is quiet is never quiet, and the log is full of lines about itself. Set the logger "urllib3" to INFO wherever the
# root is at DEBUG.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.1 opentelemetry-instrumentation-logging==0.66b1 \
    opentelemetry-exporter-otlp-proto-http==1.45.1 urllib3==2.8.0
cat > "$work/probe.py" <<'PYTHON'
import http.server
import logging
import threading
import time

from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

exports = []


class Receiver(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        request = ExportLogsServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        scopes = [scope for resource in request.resource_logs for scope in resource.scope_logs]
        exports.append([(scope.scope.name, record.body.string_value) for scope in scopes for record in scope.log_records])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
provider = LoggerProvider()
exporter = OTLPLogExporter(f"http://127.0.0.1:{receiver.server_port}/v1/logs")
provider.add_log_record_processor(BatchLogRecordProcessor(exporter, schedule_delay_millis=200))
logging.basicConfig(level=logging.DEBUG, handlers=[LoggingHandler(logger_provider=provider)])
logging.getLogger("shop").info("started")
began = time.monotonic()
while len(exports) < 10 and time.monotonic() - began < 20:
    time.sleep(0.1)
print(f"{len(exports)} exports in {time.monotonic() - began:.1f} s; the last one: {exports[-1]}")
assert len(exports) >= 10 and [line for _, line in exports[0]][0].endswith("started")
for lines in exports[1:]:
    assert lines and all("urllib3.connectionpool" in name + line for name, line in lines), lines
logging.getLogger("urllib3").setLevel(logging.INFO)
# What was logged before may still be exported; then there are two seconds, ten intervals, without an export.
began = changed = time.monotonic()
count = len(exports)
while (now := time.monotonic()) - changed < 2:
    assert now - began < 20, exports[-1]
    if len(exports) != count:
        count, changed = len(exports), now
    time.sleep(0.1)
print(f"with urllib3 at INFO: no export for {now - changed:.1f} s")
provider.shutdown()
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
