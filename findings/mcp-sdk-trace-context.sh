#!/usr/bin/env bash
# Packages: PyPI mcp 2.3.0 with opentelemetry-sdk 1.45.1, opentelemetry-instrumentation-starlette 0.66b1, opentelemetry-instrumentation-httpx 0.66b1,
# uvicorn 0.54.0.
#
# One would guess: the MCP SDK, which has telemetry of its own, takes the context along as OpenTelemetry's propagators have it: trace and baggage
# arrive at the tool, and with the instrumentations of client (httpx) and server (Starlette) the HTTP spans stand between the two spans of MCP.
#
# Seen: the SDK's client writes traceparent and baggage into "_meta" of the request, its server takes the trace and drops the baggage. The HTTP
# request has neither header: the SDK's client is built on httpx2, which the instrumentation of httpx does not know. So each request makes a trace of
# its own for the HTTP server span, beside the one that the tool's span is in. The first call of a tool is two requests: the client lists the tools by
# itself.
#   _meta of the request: traceparent, baggage; HTTP headers: neither
#   in the tool: the caller's trace, baggage {}
#   traces: 3, of which HTTP server spans alone: 2
#
# Why it matters: a tenant or a user that travels as baggage is gone behind the first MCP server, without an error. Latency and status of the HTTP
# side cannot be joined with the tool call. Hand over what a tool needs as an argument.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mcp==2.3.0 opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-starlette==0.66b1 opentelemetry-instrumentation-httpx==0.66b1 uvicorn==0.54.0
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import logging
import os
import socket
import threading
import time

import uvicorn
from mcp.client.client import Client
from mcp.server.mcpserver import MCPServer
from opentelemetry import baggage, context, trace
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.instrumentation.starlette import StarletteInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("probe")
tools, requests = [], []
service = MCPServer("probe")
logging.disable(logging.CRITICAL)


@service.tool()
async def hello(name: str) -> str:
    tools.append((trace.get_current_span().get_span_context().trace_id, dict(baggage.get_all())))
    return name


app = service.streamable_http_app()
StarletteInstrumentor.instrument_app(app)
HTTPXClientInstrumentor().instrument()


async def watched(scope, receive, send):
    """Remembers the headers and bodies of requests, and hands them on."""

    async def received():
        message = await receive()
        if message["type"] == "http.request":
            requests.append(({name for name, _ in scope["headers"]}, message["body"].decode()))
        return message

    await app(scope, received if scope["type"] == "http" else receive, send)


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
server = uvicorn.Server(uvicorn.Config(watched, log_level="critical"))
threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
while not server.started:
    time.sleep(0.05)


async def main():
    async with Client("http://127.0.0.1:%d/mcp" % listener.getsockname()[1]) as client:
        await asyncio.sleep(0.5)
        memory.clear()
        requests.clear()
        with tracer.start_as_current_span("caller") as span:
            token = context.attach(baggage.set_baggage("tenant", "acme"))
            await client.call_tool("hello", {"name": "ada"})
            context.detach(token)
        await asyncio.sleep(1)
        return span.get_span_context().trace_id


caller = asyncio.run(main())
((tool_trace, tool_baggage),) = tools
(call,) = [request for request in requests if '"tools/call"' in request[1]]
meta = [name for name in ("traceparent", "baggage") if f'"{name}"' in call[1]]
headers = [name for name in (b"traceparent", b"baggage") if name in call[0]]
spans = memory.get_finished_spans()
traces = {span.context.trace_id for span in spans}
alone = [span.name for span in spans if span.kind.name == "SERVER" and span.parent is None]
listed = [span.name for span in spans if span.name == "tools/list"]
print("_meta of the request:", ", ".join(meta), "- HTTP headers:", headers)
print("in the tool: the caller's trace:", tool_trace == caller, "- baggage", tool_baggage)
print("traces:", len(traces), "- server spans without a parent:", alone, "- besides the call:", listed)
assert meta == ["traceparent", "baggage"] and headers == []
assert tool_trace == caller and tool_baggage == {}
assert len(traces) == 3 and alone == ["POST /mcp", "POST /mcp"] and listed == ["tools/list"], (len(traces), alone, listed)
os._exit(0)
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
