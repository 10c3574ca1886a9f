#!/usr/bin/env bash
# Packages: PyPI elastic-apm 6.26.2 with urllib3 2.8.0.
#
# One would guess: elasticapm.get_trace_parent_header() gives the header for a call from within the current transaction, so its parent is this
# transaction: the name says so, and it is there for transports that the agent does not know.
#
# Seen: so it is at the start of a trace. In a transaction that continues a trace it gives the header that came in, with the caller's span as the
# parent. The instrumented client sends its own span in the same place. A request that came with version cc of the header is passed on with version
# cc.
#   first service: parent is this transaction
#   second service: parent is the caller's span
#   second service, urllib3: parent is a span of its own
#   traceparent cc-…-01 came in: cc goes out
#
# Why it matters: who puts this header into messages or calls that the agent does not know makes the next service a child of the service before: this
# one vanishes from the path, and the trace looks plausible. Take the id of the current span or transaction in its place.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check elastic-apm==6.26.2 urllib3==2.8.0
cat > "$work/probe.py" <<'PYTHON'
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import elasticapm
import urllib3
from elasticapm.traces import execution_context
from elasticapm.utils.disttracing import TraceParent

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
sent = []


class Next(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        sent.append(self.headers["traceparent"])
        self.send_response(204)
        self.end_headers()


server = HTTPServer(("127.0.0.1", 0), Next)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = elasticapm.Client(
    service_name="probe", server_url="http://127.0.0.1:9", central_config=False, metrics_interval="0s", cloud_provider="none", disable_send=True
)
elasticapm.instrument()


def parents(incoming):
    """Returns the version, and which span the two headers name as the parent, for a transaction that continues what came in."""
    client.begin_transaction("request", trace_parent=incoming and TraceParent.from_string(incoming))
    own = execution_context.get_transaction().id
    header = elasticapm.get_trace_parent_header()
    urllib3.PoolManager().request("GET", "http://127.0.0.1:%d/" % server.server_address[1])
    client.end_transaction("probe", "ok")
    names = {own: "this transaction", CALLER: "the caller's span"}
    return header[:2], names.get(header.split("-")[2]), names.get(sent.pop().split("-")[2], "a span of its own")


first = parents(None)
second = parents(f"00-{TRACE}-{CALLER}-01")
unknown = parents(f"cc-{TRACE}-{CALLER}-01")
print("first service: parent is", first[1])
print("second service: parent is", second[1])
print("second service, urllib3: parent is", second[2])
print("traceparent cc-…-01 came in:", unknown[0], "goes out")
client.close()
assert first == ("00", "this transaction", "a span of its own"), first
assert second == ("00", "the caller's span", "a span of its own"), second
assert unknown[0] == "cc", unknown
os._exit(0)
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
