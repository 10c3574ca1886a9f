#!/usr/bin/env bash
# Packages: PyPI azure-monitor-opentelemetry-exporter 1.0.0b58 with opentelemetry-sdk 1.45.1.
#
# One would guess: a log record with an event name becomes a custom event, which Application Insights has, or keeps the name as a property. A body
# of 0 or False is the text "0" or "false". A record outside of any span has no operation.
#
# Seen: the event name is dropped; an attribute of Microsoft's own makes an event. A body of 0, False or an empty map is "n/a", as if there were none;
# 1 and True are "1" and "true". Leading blanks of a text are cut off. Records without a span have the operation of 32 zeros, all of them the same.
#   event_name="order.placed", body "order 7" -> a message "order 7", the name nowhere
#   0 -> "n/a", 1 -> "1", False -> "n/a", True -> "true", {} -> "n/a"
#   "  at Shop.pay" -> "at Shop.pay"
#   without a span -> operation 00000000000000000000000000000000
#
# Why it matters: events cannot be found by what they are. A search for what else belongs to the operation of a start-up message shows everything
# that all services ever logged outside of spans.
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

from azure.monitor.opentelemetry.exporter import AzureMonitorLogExporter
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor


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
provider = LoggerProvider(shutdown_on_exit=False)
exporter = AzureMonitorLogExporter.from_connection_string(connection, disable_offline_storage=True)
provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))


def sent(body, **more):
    """Returns what arrives of a log record."""
    received.clear()
    provider.get_logger("probe").emit(LogRecord(timestamp=10**18, body=body, severity_number=SeverityNumber.INFO, **more))
    (item,) = received
    return item


item = sent("order 7", event_name="order.placed")
print(item["baseType"], item["baseData"], item["tags"]["ai.operation.id"])
assert item["baseType"] == "MessageData" and "order.placed" not in json.dumps(item), item
assert item["tags"]["ai.operation.id"] == "0" * 32, item
seen = [sent(body)["baseData"]["message"] for body in (0, 1, False, True, {}, "  at Shop.pay")]
print(seen)
assert seen == ["n/a", "1", "n/a", "true", "n/a", "at Shop.pay"], seen
server.shutdown()
PYTHON
