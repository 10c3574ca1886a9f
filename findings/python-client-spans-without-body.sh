#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-httpx, -requests, -aiohttp-client and -urllib 0.66b1 with opentelemetry-sdk 1.45.1, httpx 0.28.1,
# requests 2.34.2, aiohttp 3.14.5.
#
# One would guess: httpx.get(), which returns when the body is read and raises when reading it takes too long, has a span that lasts as long as the
# call, and is an error if the call was one, as requests.get() has.
#
# Seen: the spans of httpx (blocking and asyncio) end with the header, as those of aiohttp and urllib do, whose callers read the body themselves. A
# call that fails while the body is read raises in the program, and its span is a success of a few milliseconds with status 200.
#   requests: call 0.6 s, span the whole; body breaks off: raises ChunkedEncodingError, span ERROR
#   httpx: call 0.6 s, span the header; body breaks off: raises RemoteProtocolError, span UNSET 200
#   httpx asyncio: call 0.6 s, span the header; body breaks off: raises RemoteProtocolError, span UNSET 200
#   aiohttp: call 0.6 s, span the header; body breaks off: raises ClientPayloadError, span UNSET 200
#   urllib: call 0.6 s, span the header; body breaks off: raises IncompleteRead, span UNSET 200
#
# Why it matters: a service that moves from requests to httpx gets faster in its traces and loses errors, and nothing else has changed. A dependency
# that sends its header at once and hangs in the body looks healthy from the client's side. Put a span of your own around the call.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-httpx==0.66b1 opentelemetry-instrumentation-requests==0.66b1 \
    opentelemetry-instrumentation-aiohttp-client==0.66b1 opentelemetry-instrumentation-urllib==0.66b1 \
    httpx==0.28.1 requests==2.34.2 aiohttp==3.14.5
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import os
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"
import aiohttp
import httpx
import requests
from opentelemetry import trace
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.urllib import URLLibInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


class Slow(BaseHTTPRequestHandler):
    """Sends its header at once and the body after 0.6 s; for /broken it closes the connection before the body is whole."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b"abc")
        self.wfile.flush()
        time.sleep(0.6)
        if self.path == "/broken":
            self.close_connection = True
        else:
            self.wfile.write(b"def")


server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = "http://127.0.0.1:%d" % server.server_address[1]
memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
for instrumentor in (RequestsInstrumentor, HTTPXClientInstrumentor, AioHttpClientInstrumentor, URLLibInstrumentor):
    instrumentor().instrument()


async def httpx_get(address):
    async with httpx.AsyncClient() as client:
        return (await client.get(address)).content


async def aiohttp_get(address):
    async with aiohttp.ClientSession() as session, session.get(address) as response:
        return await response.read()


def urllib_get(address):
    with urllib.request.urlopen(address) as response:
        return response.read()


clients = {
    "requests": lambda address: requests.get(address).content,
    "httpx": lambda address: httpx.get(address).content,
    "httpx asyncio": lambda address: asyncio.run(httpx_get(address)),
    "aiohttp": lambda address: asyncio.run(aiohttp_get(address)),
    "urllib": urllib_get,
}


def observed(get, path):
    memory.clear()
    raised = None
    start = time.monotonic()
    try:
        assert get(base + path) == b"abcdef"
    except Exception as error:
        raised = type(error).__name__
    took = time.monotonic() - start
    (span,) = memory.get_finished_spans()
    return raised, took, (span.end_time - span.start_time) / 1e9, span.status.status_code.name, span.attributes.get("http.response.status_code")


for name, get in clients.items():
    _, took, lasted, _, _ = observed(get, "/whole")
    raised, _, _, status, code = observed(get, "/broken")
    whole = lasted > 0.5
    print(f"{name}: call {took:.1f} s, span {lasted:.3f} s; body breaks off: raises {raised}, span {status} {code}")
    assert took > 0.5 and raised
    assert (whole, status) == ((True, "ERROR") if name == "requests" else (False, "UNSET")), (name, lasted, status)
    assert name == "requests" or code == 200
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
