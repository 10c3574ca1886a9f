#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-flask 0.66b1 with opentelemetry-sdk 1.45.1, Flask 3.1.3, Werkzeug 3.1.9.
#
# One would guess: a generator that is wrapped in stream_with_context runs in the context of its request, so spans that it starts are children
# of the server span, which lasts until the last byte; without the wrapper both are lost.
#
# Seen: the wrapper changes nothing. The server span ends before the generator runs, the generator has no current span, and each of its
# spans begins a trace of its own. Spans of the view function are where they belong.
#   plain: view below the server span, stream [root, root], server span shorter than the stream
#   stream_with_context: view below the server span, stream [root, root], server span shorter than the stream
#   with the context taken along by hand: view below the server span, stream [server, server], server span shorter than the stream
#
# Why it matters: exports and downloads that read a database while they stream have their queries in traces without a request, and a latency of
# milliseconds. Flask's own context (request, g) is there, so nothing looks wrong in the code. Take opentelemetry.context.get_current() in the
# view function, and attach it in the generator.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-flask==0.66b1 Flask==3.1.3 Werkzeug==3.1.9
cat > "$work/probe.py" <<'PYTHON'
import logging
import threading
import time
import urllib.request

import flask
from opentelemetry import context, trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from werkzeug.serving import make_server

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
tracer = provider.get_tracer("probe")
app = flask.Flask("probe")
logging.getLogger("werkzeug").setLevel(logging.CRITICAL)


def stream(outer=None):
    token = context.attach(outer) if outer else None
    for part in range(2):
        with tracer.start_as_current_span("part"):
            time.sleep(0.2)
        yield b"x"
    if token:
        context.detach(token)


def view_span():
    with tracer.start_as_current_span("view"):
        return flask.request.path


@app.get("/plain")
def plain():
    view_span()
    return flask.Response(stream())


@app.get("/kept")
def kept():
    view_span()
    return flask.Response(flask.stream_with_context(stream()))


@app.get("/by-hand")
def by_hand():
    view_span()
    return flask.Response(stream(context.get_current()))


FlaskInstrumentor().instrument_app(app, tracer_provider=provider)
server = make_server("127.0.0.1", 0, app, threaded=True)
thread = threading.Thread(target=server.serve_forever)
thread.start()


def call(path):
    memory.clear()
    with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}{path}", timeout=10) as response:
        assert response.read() == b"xx"
    for _ in range(250):
        spans = memory.get_finished_spans()
        if len(spans) == 4:
            break
        time.sleep(0.02)
    request = next(span for span in spans if span.kind == trace.SpanKind.SERVER)

    def place(span):
        return "root" if span.parent is None else "server" if span.parent.span_id == request.context.span_id else "elsewhere"

    parts = [span for span in spans if span.name == "part"]
    view = next(span for span in spans if span.name == "view")
    return place(view), [place(part) for part in parts], request.end_time < parts[-1].end_time


names = {"/plain": "plain", "/kept": "stream_with_context", "/by-hand": "with the context taken along by hand"}
seen = {path: call(path) for path in names}
server.shutdown()
thread.join(20)
for path, (view, parts, early) in seen.items():
    span = "shorter than" if early else "as long as"
    print(f"{names[path]}: view below the {view} span, stream [{', '.join(parts)}], server span {span} the stream")
assert seen["/plain"] == seen["/kept"] == ("server", ["root", "root"], True)
assert seen["/by-hand"] == ("server", ["server", "server"], True)
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
