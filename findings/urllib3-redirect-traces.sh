#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-urllib3 0.66b1 with opentelemetry-sdk 1.45.1 and urllib3 2.8.0.
#
# One would guess: a redirect and a retry are both hops of one call and are treated alike, either as one span or as
# one span each within the same trace; and it does not matter which urllib3 object makes the call.
#
# Seen: with no span around it, a redirect followed by PoolManager becomes two spans in two traces, each a root, and
# the second server call carries another trace id. A retry on 503 is one span, and all attempts carry the same
# parent id. The same redirect through HTTPConnectionPool is one span with the first path and the last status.
#   PoolManager, redirect: spans [('/a', 302), ('/b', 200)], traces 2, trace ids sent 2, parent ids sent 2
#   PoolManager, retry: spans [('/a', 200)], traces 1, trace ids sent 1, parent ids sent 1
#   HTTPConnectionPool, redirect: spans [('/a', 200)], traces 1, trace ids sent 1, parent ids sent 1
#
# Why it matters: a job that calls out without a span of its own shows half of a redirected call in each of two
# traces, and a ratio sampler may keep only one of them. After a retry two server spans share one parent, the failed
# attempt is in no client span, and the path of a client span need not be the one that gave the status.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-urllib3==0.66b1 urllib3==2.8.0
cat > "$work/probe.py" <<'PYTHON'
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import urllib3
from opentelemetry.instrumentation.urllib3 import URLLib3Instrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

received, answers = [], []


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        received.append(self.headers["traceparent"])
        status = answers.pop(0)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/b")
        self.send_header("Content-Length", "0")
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
URLLib3Instrumentor().instrument(tracer_provider=provider)

base = f"http://127.0.0.1:{server.server_port}"
again = urllib3.Retry(3, status_forcelist=[503], backoff_factor=0)
manager = urllib3.PoolManager()
pool = urllib3.HTTPConnectionPool("127.0.0.1", server.server_port)
cases = {
    "PoolManager, redirect": ([302, 200], lambda: manager.request("GET", base + "/a"), ([("/a", 302), ("/b", 200)], 2, 2, 2)),
    "PoolManager, retry": ([503, 200], lambda: manager.request("GET", base + "/a", retries=again), ([("/a", 200)], 1, 1, 1)),
    "HTTPConnectionPool, redirect": ([302, 200], lambda: pool.request("GET", "/a"), ([("/a", 200)], 1, 1, 1)),
}
for name, (script, call, expected) in cases.items():
    memory.clear()
    received.clear()
    answers[:] = script
    assert call().status == 200 and len(received) == 2
    spans = memory.get_finished_spans()
    seen = (
        [(urlsplit(span.attributes["url.full"]).path, span.attributes["http.response.status_code"]) for span in spans],
        len({span.context.trace_id for span in spans}),
        len({header.split("-")[1] for header in received}),
        len({header.split("-")[2] for header in received}),
    )
    print("%s: spans %s, traces %d, trace ids sent %d, parent ids sent %d" % (name, *seen))
    assert all(span.parent is None for span in spans)
    assert seen == expected, expected
PYTHON
OTEL_SEMCONV_STABILITY_OPT_IN=http timeout 60 "$work/venv/bin/python" "$work/probe.py"
