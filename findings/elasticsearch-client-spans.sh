#!/usr/bin/env bash
# Packages: PyPI elasticsearch 9.5.1 (with its own spans) and elastic-transport 9.4.2 with opentelemetry-sdk 1.45.1.
#
# One would guess: the spans that the client makes by itself follow the conventions for databases: kind CLIENT, the index as db.collection.name and in
# the span's name. A document that is not there is an outcome and no error, as for an HTTP server it would be; exists() and get() agree about it.
#
# Seen: the kind is INTERNAL. The index is in db.operation.parameter.index alone, and not in the span's name, which is the operation. get() of a
# document that is not there is ERROR with an exception event, exists() is not. A span around a helper has http.request.method "null", as text. A bulk
# request of which all is refused has no status.
#   search: INTERNAL "search", db.operation.parameter.index, no db.collection.name
#   get, 404: ERROR, exception;  exists, 404: UNSET;  get with ignore_status=404: UNSET
#   helpers.bulk: INTERNAL "helpers.bulk", http.request.method "null"; below it "bulk"; all refused with 429: UNSET
#
# Why it matters: maps of services are made of CLIENT spans, so Elasticsearch is in none, and its time is the service's own. A cache that looks
# whether a document is there makes most of the errors, and the writes that an overloaded cluster refuses make none. Give ignore_status=404, and look
# at the answer of bulk().
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check elasticsearch==9.5.1 elastic-transport==9.4.2 \
    opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import http.server
import json
import threading

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)

from elasticsearch import Elasticsearch, NotFoundError, helpers

refused = {"status": 429, "error": {"type": "es_rejected_execution_exception", "reason": "queue is full"}}


class Server(http.server.BaseHTTPRequestHandler):
    """Answers as Elasticsearch does."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/_bulk"):
            status, answer = 200, {"took": 1, "errors": True, "items": [{"index": {"_index": "orders", "_id": "1", **refused}}]}
        elif "/_doc/" in self.path:
            status, answer = 404, {"_index": "orders", "_id": "7", "found": False}
        else:
            status, answer = 200, {"took": 1, "timed_out": False, "hits": {"hits": []}}
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("X-Elastic-Product", "Elasticsearch")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
client = Elasticsearch(f"http://127.0.0.1:{server.server_port}")


def spans(action):
    exporter.clear()
    action()
    seen = sorted(exporter.get_finished_spans(), key=lambda span: span.start_time)
    print([(span.name, span.kind.name, span.status.status_code.name, [event.name for event in span.events]) for span in seen])
    return seen


def get(**options):
    try:
        client.options(**options).get(index="orders", id="7")
    except NotFoundError:
        pass


(search,) = spans(lambda: client.search(index="orders", query={"match": {"user": "ada"}}))
assert (search.name, search.kind.name, search.attributes["db.system.name"]) == ("search", "INTERNAL", "elasticsearch")
assert search.attributes["db.operation.parameter.index"] == "orders" and "db.collection.name" not in search.attributes
(found,) = spans(get)
assert found.status.status_code.name == "ERROR" and [event.name for event in found.events] == ["exception"]
(found,) = spans(lambda: get(ignore_status=404))
assert found.status.status_code.name == "UNSET"
(found,) = spans(lambda: client.exists(index="orders", id="7"))
assert found.status.status_code.name == "UNSET"
outer, inner = spans(lambda: helpers.bulk(client, [{"_index": "orders", "_id": "1", "total": 5}], raise_on_error=False))
assert (outer.name, outer.kind.name, outer.attributes["http.request.method"]) == ("helpers.bulk", "INTERNAL", "null")
assert (inner.name, inner.parent.span_id) == ("bulk", outer.context.span_id)
assert {outer.status.status_code.name, inner.status.status_code.name} == {"UNSET"}
PYTHON
