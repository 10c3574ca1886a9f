#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-asgi, -wsgi and -tornado 0.66b1 with opentelemetry-sdk 1.45.1, uvicorn 0.54.0 with h11 0.16.0, waitress
# 3.0.2, tornado 6.6.1.
#
# One would guess: a request with two baggage lines, which HTTP and W3C allow for lists and which a proxy that adds an entry makes, has the entries of
# both, as it has with tracestate.
#
# Seen: with ASGI (FastAPI, Starlette, Django) the entries of the first line alone. The propagator for tracestate joins the lines, that for baggage
# looks at the first. With WSGI and Tornado, where the server joins them, all are there.
#   ASGI on uvicorn: tracestate a=1,b=2, baggage {'k': '1'}
#   WSGI on waitress: tracestate a=1,b=2, baggage {'k': '1', 'l': '2'}
#   Tornado: tracestate a=1,b=2, baggage {'k': '1', 'l': '2'}
#
# Why it matters: which entries arrive depends on who wrote a line of his own on the way, and nothing is logged. Senders and proxies should append to
# the line that is there.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 uvicorn==0.54.0 h11==0.16.0 \
    opentelemetry-instrumentation-asgi==0.66b1 opentelemetry-instrumentation-wsgi==0.66b1 opentelemetry-instrumentation-tornado==0.66b1 \
    waitress==3.0.2 tornado==6.6.1
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import logging
import socket
import threading

import tornado.web
import uvicorn
import waitress
from opentelemetry import baggage, trace
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware as ASGIMiddleware
from opentelemetry.instrumentation.tornado import TornadoInstrumentor
from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware as WSGIMiddleware
from opentelemetry.sdk.trace import TracerProvider

logging.disable()
trace.set_tracer_provider(TracerProvider())
TornadoInstrumentor().instrument()
seen = {}


def note(server):
    seen[server] = trace.get_current_span().get_span_context().trace_state.to_header(), dict(baggage.get_all())


def ask(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(
            b"GET / HTTP/1.1\r\nHost: probe\r\nConnection: close\r\ntraceparent: 00-%b-%b-01\r\n" % (b"a" * 32, b"b" * 16)
            + b"tracestate: a=1\r\ntracestate: b=2\r\nbaggage: k=1\r\nbaggage: l=2\r\n\r\n"
        )
        assert client.makefile("rb").read().startswith(b"HTTP/1.1 200")


async def asgi(scope, receive, send):
    note("ASGI")
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


def wsgi(environment, start_response):
    note("WSGI")
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]


class Handler(tornado.web.RequestHandler):
    def get(self):
        note("Tornado")


async def by_uvicorn():
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(ASGIMiddleware(asgi), http="h11", lifespan="off", log_level="warning"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.to_thread(ask, listener.getsockname()[1])
    server.should_exit = True
    await serving


async def by_tornado():
    server = tornado.web.Application([("/", Handler)]).listen(0, "127.0.0.1")
    await asyncio.to_thread(ask, next(iter(server._sockets.values())).getsockname()[1])
    server.stop()


asyncio.run(by_uvicorn())
server = waitress.create_server(WSGIMiddleware(wsgi), host="127.0.0.1", port=0)
threading.Thread(target=server.run, daemon=True).start()
ask(server.effective_port)
asyncio.run(by_tornado())
for server, (tracestate, entries) in seen.items():
    print(f"{server}: tracestate {tracestate}, baggage {entries}")
both = {"k": "1", "l": "2"}
assert seen == {"ASGI": ("a=1,b=2", {"k": "1"}), "WSGI": ("a=1,b=2", both), "Tornado": ("a=1,b=2", both)}
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
