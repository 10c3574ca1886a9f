#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-requests, -urllib and -aiohttp-client 0.66b1 with opentelemetry-sdk 1.45.1, requests 2.34.2, aiohttp
# 3.14.5; OTEL_SEMCONV_STABILITY_OPT_IN=http. For urllib3 see urllib3-redirect-traces.sh.
#
# One would guess: a call that is redirected has a span for each request on the wire, each with its own address and status, as the conventions for
# HTTP have it; all are in one trace, and each server's span is below the one that asked it.
#
# Seen: these three have one span for both servers: the first address, the first server's port, where there is one, and the status of the last answer.
# Both servers get the same traceparent, so their spans are siblings.
#   requests, aiohttp: 1 span, url.full and server.port of the first, status 200; traceparents: the same twice
#   urllib:            1 span, url.full of the first, no server.port, status 200; traceparents: the same twice
#
# Why it matters: the time and the errors of the second server are the first one's, and the redirect itself is nowhere to be seen.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.1 opentelemetry-instrumentation-requests==0.66b1 \
    opentelemetry-instrumentation-urllib==0.66b1 opentelemetry-instrumentation-aiohttp-client==0.66b1 \
    requests==2.34.2 aiohttp==3.14.5
cat > "$work/probe.py" <<'PYTHON'
import os

os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"

import asyncio
import http.server
import threading
import urllib.request

import aiohttp
import requests
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.urllib import URLLibInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

seen, exporter, provider = [], InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
for instrumentor in (RequestsInstrumentor, URLLibInstrumentor, AioHttpClientInstrumentor):
    instrumentor().instrument(tracer_provider=provider)


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        seen.append(self.headers["traceparent"])
        if self.server is first:
            self.send_response(302)
            self.send_header("Location", f"http://127.0.0.1:{second.server_port}/new")
        else:
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


first, second = (http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) for _ in range(2))
for server in (first, second):
    threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{first.server_port}/old"


async def with_aiohttp():
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        await answer.read()


def with_urllib():
    with urllib.request.urlopen(address, timeout=20) as answer:
        answer.read()


def call(name, function):
    seen.clear()
    exporter.clear()
    function()
    spans = exporter.get_finished_spans()
    names = ("url.full", "server.port", "http.response.status_code")
    found = [tuple(span.attributes.get(name) for name in names) for span in spans]
    print(f"{name}: spans {found}, traceparents {seen}")
    assert len(seen) == 2 and len(spans) == 1
    assert {header[3:52] for header in seen} == {f"{spans[0].context.trace_id:032x}-{spans[0].context.span_id:016x}"}
    return found[0]


assert call("requests", lambda: requests.get(address, timeout=20)) == (address, first.server_port, 200)
assert call("urllib", with_urllib) == (address, None, 200)
assert call("aiohttp", lambda: asyncio.run(with_aiohttp())) == (address, first.server_port, 200)
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
