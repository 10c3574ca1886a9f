#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-grpc 0.66b1 with opentelemetry-sdk 1.45.1, grpcio 1.85.3.
#
# One would guess: each call of the asyncio client has a span, also one that the caller ends: a call that is cancelled has the status of gRPC for it,
# CANCELLED (1), and a stream that is left before its end has the time until then.
#
# Seen: a single call that is cancelled has no span, at once or later. It was started, since the server continues its trace, and is never ended. A
# stream that is cancelled has the code of a success. A call whose deadline passes has what one would guess.
#   awaited: span with code 0
#   deadline passes: span with code 4
#   cancel(): no span; the server's span has a parent that is nowhere
#   asyncio.timeout() around it: no span
#   stream of messages, break after the first, then cancel(): span with code 0
#
# Why it matters: the calls that callers give up are those to services that hang. They are in no count of errors and in no latency of the client, and
# their traces begin with a span of the server whose parent is missing. Set deadlines (timeout=…), which are recorded.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 grpcio==1.85.3 \
    opentelemetry-instrumentation-grpc==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import gc

import grpc
from opentelemetry.instrumentation.grpc import aio_client_interceptors
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
parents = []


async def one(request, context):
    parents.append(dict(context.invocation_metadata())["traceparent"].split("-")[2])
    if request == b"slow":
        await asyncio.sleep(20)
    return request


async def many(request, context):
    parents.append(dict(context.invocation_metadata())["traceparent"].split("-")[2])
    for _ in range(1000):
        yield request
        await asyncio.sleep(0.05)


async def code(call):
    """Makes a call, and returns the status codes of its spans and whether the parent that the server saw is one of them."""
    exporter.clear()
    parents.clear()
    await call
    for _ in range(10):
        gc.collect()
        await asyncio.sleep(0.1)
    spans = exporter.get_finished_spans()
    known = {format(span.get_span_context().span_id, "016x") for span in spans}
    return [span.attributes["rpc.grpc.status_code"] for span in spans], len(parents) == 1 and parents[0] in known


async def cancelled(call):
    await asyncio.sleep(0.5)
    call.cancel()
    try:
        await call
        raise SystemExit("not cancelled")
    except asyncio.CancelledError:
        pass


async def late(call):
    try:
        await call
        raise SystemExit("no deadline")
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED


async def timed_out(call):
    try:
        async with asyncio.timeout(0.5):
            await call
        raise SystemExit("no timeout")
    except TimeoutError:
        pass


async def left(call):
    async for _ in call:
        break
    call.cancel()


async def main():
    server = grpc.aio.server()
    handlers = {"One": grpc.unary_unary_rpc_method_handler(one), "Many": grpc.unary_stream_rpc_method_handler(many)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("probe.Probe", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}", interceptors=aio_client_interceptors(tracer_provider=provider)) as channel:
        single, stream = channel.unary_unary("/probe.Probe/One"), channel.unary_stream("/probe.Probe/Many")
        seen = {
            "awaited": await code(single(b"fast")),
            "deadline": await code(late(single(b"slow", timeout=0.5))),
            "cancel()": await code(cancelled(single(b"slow"))),
            "asyncio.timeout()": await code(timed_out(single(b"slow"))),
            "stream left": await code(left(stream(b"x"))),
        }
    await server.stop(0)
    return seen


seen = asyncio.run(main())
for title, (codes, known) in seen.items():
    print(f"{title}: codes {codes}, parent known {known}")
assert seen == {
    "awaited": ([0], True), "deadline": ([4], True), "cancel()": ([], False), "asyncio.timeout()": ([], False), "stream left": ([0], True),
}
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
