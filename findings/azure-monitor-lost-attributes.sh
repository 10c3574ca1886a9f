#!/usr/bin/env bash
# Packages: PyPI azure-monitor-opentelemetry-exporter 1.0.0b58 with opentelemetry-sdk 1.45.1.
#
# One would guess: attributes for which Application Insights has a field of its own (URL, status code, statement) go there, and all others become
# custom properties. Lists come as JSON. Durations have the microseconds that the field has room for.
#
# Seen: every attribute whose name begins with http., db., rpc., messaging., net., peer., thread., code. or exception. is left out of the properties,
# whether there is a field for it or not. A gRPC span has neither its status nor its method; of a database span the table and the error code are gone,
# of a message its identifier; captured headers too. Lists are text as Python prints tuples. Durations are rounded to whole milliseconds.
#   rpc.grpc.status_code 5 -> responseCode 0, success true, no property
#   db.collection.name, db.response.status_code, messaging.message.id, http.request.header.x-tenant -> nowhere
#   ["a", "b"] -> "('a', 'b')"
#   400 microseconds -> 0.00:00:00.000, 600 -> 0.00:00:00.001
#
# Why it matters: failed gRPC calls of a server are successful requests there, and what one would search by (table, message, tenant) was recorded,
# counted against the span's limits, and is not in the store.
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

from azure.monitor.opentelemetry.exporter import AzureMonitorTraceExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind


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
provider = TracerProvider(shutdown_on_exit=False)
exporter = AzureMonitorTraceExporter.from_connection_string(connection, disable_offline_storage=True)
provider.add_span_processor(SimpleSpanProcessor(exporter))


def sent(kind, microseconds, attributes):
    """Returns what arrives of a span."""
    received.clear()
    provider.get_tracer("probe").start_span("probe", kind=kind, attributes=attributes, start_time=10**18).end(10**18 + microseconds * 1000)
    (item,) = (item["baseData"] for item in received if item["baseType"] != "MetricData")
    return item


call = {"rpc.system": "grpc", "rpc.service": "shop.Orders", "rpc.method": "Get", "rpc.grpc.status_code": 5, "tenants": ["a", "b"]}
item = sent(SpanKind.SERVER, 400, call)
print(item["responseCode"], item["success"], item["properties"], item["duration"])
assert (item["responseCode"], item["success"], item["duration"]) == ("0", True, "0.00:00:00.000"), item
assert item["properties"] == {"tenants": "('a', 'b')"}, item
query = {"db.system.name": "postgresql", "db.query.text": "select 1", "db.collection.name": "orders", "db.response.status_code": "23505"}
item = sent(SpanKind.CLIENT, 600, query)
print(item)
assert item["data"] == "select 1" and item["properties"] == {} and item["duration"] == "0.00:00:00.001", item
assert "orders" not in json.dumps(item) and "23505" not in json.dumps(item)
message = {"messaging.system": "kafka", "messaging.destination.name": "orders", "messaging.message.id": "m-1", "shop": "7"}
item = sent(SpanKind.CONSUMER, 600, message)
print(item)
assert item["properties"] == {"shop": "7"} and "m-1" not in json.dumps(item), item
request = {"http.request.method": "GET", "http.response.status_code": 200, "http.route": "/", "http.request.header.x-tenant": ["acme"]}
item = sent(SpanKind.SERVER, 600, request)
assert item["properties"] == {} and item["responseCode"] == "200" and "acme" not in json.dumps(item), item
server.shutdown()
PYTHON
