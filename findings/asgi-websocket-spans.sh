#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-fastapi and -asgi 0.66b1 with opentelemetry-sdk 1.45.1, fastapi 0.165.0, starlette 1.10.0, uvicorn
# 0.54.0, websockets 17.4; OTEL_SEMCONV_STABILITY_OPT_IN=http.
#
# One would guess: a WebSocket is a request as any other until its handshake is answered. Its server span has the status that the client got, 101, or
# 403 where the application refuses; a close with 1011 (internal error) is an error, as a 500 is; and it is counted in the metrics for HTTP.
#
# Seen: the status is that of the messages: 200 if there was one, none otherwise. A refused handshake has neither a status code nor an error, nor has
# a close with 1011. No metric counts it. Each message has a span, all below the one of the connection, which is exported when it closes; what is done
# for a message is beside its span. Only an exception that leaves the handler is an error.
#   connection with two messages: client 101, span 200, below it 7 spans for its start, its messages and its end, and the work
#   connection without a message: client 101, span without a status code
#   refused: client 403, span without a status code, UNSET
#   closed by the application with 1011: span UNSET
#   http.server.request.duration, http.server.active_requests: no point
#
# Why it matters: login failures and crashes of handlers that close by themselves are in no error rate, since there is no rate at all, and a
# connection that lasts a day is one trace without a root until it ends, of as many spans as it had messages. Count in the handler, leave out the
# spans of messages by exclude_spans=["receive", "send"], and begin a trace for each message.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-fastapi==0.66b1 opentelemetry-instrumentation-asgi==0.66b1 fastapi==0.165.0 starlette==1.10.0 \
    uvicorn==0.54.0 websockets==17.4
OTEL_SEMCONV_STABILITY_OPT_IN=http timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import asyncio
import socket

import uvicorn
import websockets
from fastapi import FastAPI, WebSocket, WebSocketException
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(exporter))
reader = InMemoryMetricReader()
meters = MeterProvider([reader], shutdown_on_exit=False)
application = FastAPI()


@application.get("/plain")
async def plain():
    return "plain"


@application.websocket("/echo")
async def echo(connection: WebSocket):
    await connection.accept()
    async for text in connection.iter_text():
        with provider.get_tracer("shop").start_as_current_span("work"):
            await asyncio.sleep(0)
        await connection.send_text(text)


@application.websocket("/refused")
async def refused(connection: WebSocket):
    raise WebSocketException(code=1008)


@application.websocket("/broken")
async def broken(connection: WebSocket):
    await connection.accept()
    await connection.close(code=1011)


FastAPIInstrumentor.instrument_app(application, tracer_provider=provider, meter_provider=meters)


async def connect(path, port, messages=()):
    """Returns the status of the handshake, the code of the close, and the spans."""
    exporter.clear()
    status, code = 101, None
    try:
        async with websockets.connect(f"ws://127.0.0.1:{port}{path}", proxy=None) as client:
            for message in messages:
                await client.send(message)
                assert await client.recv() == message
            if path == "/broken":
                await client.wait_closed()
        code = client.close_code
    except websockets.InvalidStatus as error:
        status = error.response.status_code
    for _ in range(200):
        servers = [span for span in exporter.get_finished_spans() if span.kind.name == "SERVER"]
        if servers:
            break
        await asyncio.sleep(0.05)
    (server,) = servers
    below = [span for span in exporter.get_finished_spans() if span is not server]
    assert all(span.parent.span_id == server.context.span_id for span in below)
    seen = server.attributes.get("http.response.status_code"), server.status.status_code.name
    print(f"{path}: client {status}, close {code}, span {seen}, below {[span.name for span in below]}")
    return status, code, seen, [span.name for span in below]


async def main():
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(application, log_level="critical"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.05)
    status, code, seen, below = await connect("/echo", port, ["first", "second"])
    assert (status, code, seen) == (101, 1000, (200, "UNSET"))
    # One pair each for connecting and the two messages, and the end.
    assert (sum(name.endswith(" receive") for name in below), sum(name.endswith(" send") for name in below), below.count("work")) == (4, 3, 2)
    assert (await connect("/echo", port))[:3] == (101, 1000, (None, "UNSET"))
    assert (await connect("/refused", port))[:3] == (403, None, (None, "UNSET"))
    assert (await connect("/broken", port))[:3] == (101, 1011, (None, "UNSET"))
    assert reader.get_metrics_data() is None or not reader.get_metrics_data().resource_metrics
    connection = await asyncio.open_connection("127.0.0.1", port)
    connection[1].write(b"GET /plain HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
    assert (await connection[0].read()).startswith(b"HTTP/1.1 200")
    connection[1].close()
    (resource,) = reader.get_metrics_data().resource_metrics
    metrics = {metric.name: len(metric.data.data_points) for scope in resource.scope_metrics for metric in scope.metrics}
    print("after one plain request:", metrics)
    assert metrics["http.server.request.duration"] == 1
    server.should_exit = True
    await serving


asyncio.run(main())
PYTHON
