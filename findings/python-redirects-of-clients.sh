#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-requests, -urllib, -aiohttp-client and -httpx 0.66b1 with opentelemetry-sdk 1.45.1, requests 2.34.2,
# aiohttp 3.14.5, httpx 0.28.1; OTEL_SEMCONV_STABILITY_OPT_IN=http.
#
# One would guess: a call that is redirected has a span for each request on the wire, each with its own address and status, as the conventions for
# HTTP have it; all are in one trace, and each server's span is below the one that asked it.
#
# Seen: httpx has a span each, but without a span around them each is a trace of its own. The other three have one span for all: the first address,
# the first server's name and port, and the status of the last answer. All servers get the same traceparent, so their spans are siblings.
#   requests, urllib, aiohttp: 1 span, server.port of the first (urllib: none), status 200; traceparents: the same twice
#   httpx:                     2 spans in 2 traces, 302 and 200; traceparents: of 2 traces
#
# Why it matters: the time of a slow second server is the first one's, its errors too, and the redirect itself is nowhere to be seen. With httpx a
# redirect outside of a span cuts the trace in two.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.1 opentelemetry-instrumentation-requests==0.66b1 \
    opentelemetry-instrumentation-urllib==0.66b1 opentelemetry-instrumentation-aiohttp-client==0.66b1 \
    opentelemetry-instrumentation-httpx==0.66b1 requests==2.34.2 aiohttp==3.14.5 httpx==0.28.1
cat > "$work/probe.py" <<'PYTHON'
import os

os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"

import asyncio
import http.server
import threading
import urllib.request

import aiohttp
import httpx
import requests
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.urllib import URLLibInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

seen, exporter, provider = [], InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
for instrumentor in (RequestsInstrumentor, URLLibInstrumentor, AioHttpClientInstrumentor, HTTPXClientInstrumentor):
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
    found = [(span.attributes.get("server.port"), span.attributes["http.response.status_code"]) for span in spans]
    traces = {span.context.trace_id for span in spans}
    parents = [header[36:52] for header in seen]
    print(f"{name}: {len(spans)} spans in {len(traces)} traces {found}, parents of the servers' spans {parents}")
    return found, len(traces), len(set(parents))


once = ([(first.server_port, 200)], 1, 1)
assert call("requests", lambda: requests.get(address, timeout=20)) == once
assert [status for _, status in call("urllib", with_urllib)[0]] == [200] and len(set(seen)) == 1
assert call("aiohttp", lambda: asyncio.run(with_aiohttp())) == once
found, traces, parents = call("httpx", lambda: httpx.get(address, follow_redirects=True))
assert [status for _, status in found] == [302, 200] and traces == parents == 2
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
