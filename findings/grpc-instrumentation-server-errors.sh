#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-grpc 0.66b1 with opentelemetry-sdk 1.45.1, grpcio 1.85.3.
#
# One would guess: a handler that throws is a failed call in its server span: the status is an error, and rpc.grpc.status_code is 2 (UNKNOWN), as the
# caller gets it. A call whose deadline has passed has 4, a method that does not exist has a span with 12.
#
# Seen: the span of a handler that throws says status code 0 and is no error, in the blocking and in the asyncio server; the exception is there,
# twice, as an event. So it is for a passed deadline, without an event. A method that does not exist has no span. Only abort() makes an error of it.
#   blocking, abort(INTERNAL): caller INTERNAL, span ERROR, code 13, events 1
#   blocking, handler throws: caller UNKNOWN, span UNSET, code 0, events 2
#   blocking, deadline: caller DEADLINE_EXCEEDED, span UNSET, code 0, events 0
#   blocking, no such method: caller UNIMPLEMENTED, no span
#   asyncio, handler throws: caller UNKNOWN, span UNSET, code 0, events 2
#
# Why it matters: an error rate from server spans counts the failures that the program expects and answers by abort(), and none of its defects.
# Count exception events, or the client's spans, or catch all in the handlers and abort there.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-grpc==0.66b1 grpcio==1.85.3
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import logging
import time
from concurrent import futures

import grpc
from opentelemetry import trace
from opentelemetry.instrumentation.grpc import aio_server_interceptor, server_interceptor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

logging.disable(logging.CRITICAL)
memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)


def blocking(request, call):
    if request == b"abort":
        call.abort(grpc.StatusCode.INTERNAL, "refused")
    if request == b"slow":
        time.sleep(2)
        return b"late"
    raise ValueError("a defect")


async def asynchronous(request, call):
    raise ValueError("a defect")


class Service(grpc.GenericRpcHandler):
    def __init__(self, behavior):
        self.behavior = behavior

    def service(self, details):
        return grpc.unary_unary_rpc_method_handler(self.behavior) if details.method == "/probe.Probe/Call" else None


def seen_by(error):
    """Waits a moment for the span, and returns what the caller and the span say."""
    for _ in range(100):
        spans = memory.get_finished_spans()
        if spans or error.code() == grpc.StatusCode.UNIMPLEMENTED:
            break
        time.sleep(0.1)
    memory.clear()
    if not spans:
        return error.code().name, None
    (span,) = spans
    return error.code().name, (span.status.status_code.name, span.attributes["rpc.grpc.status_code"], len(span.events))


def call(channel, request, method="Call", timeout=20):
    try:
        channel.unary_unary(f"/probe.Probe/{method}")(request, timeout=timeout)
    except grpc.RpcError as error:
        return seen_by(error)


seen = {}
server = grpc.server(futures.ThreadPoolExecutor(2), interceptors=[server_interceptor()])
server.add_generic_rpc_handlers((Service(blocking),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
    seen["blocking, abort(INTERNAL)"] = call(channel, b"abort")
    seen["blocking, handler throws"] = call(channel, b"throw")
    seen["blocking, deadline"] = call(channel, b"slow", timeout=0.5)
    seen["blocking, no such method"] = call(channel, b"", method="Other")
server.stop(None).wait(20)


async def main():
    server = grpc.aio.server(interceptors=[aio_server_interceptor()])
    server.add_generic_rpc_handlers((Service(asynchronous),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            await channel.unary_unary("/probe.Probe/Call")(b"throw", timeout=20)
        except grpc.RpcError as error:
            caught = error
    await server.stop(None)
    seen["asyncio, handler throws"] = seen_by(caught)


asyncio.run(main())
for name, (caller, span) in seen.items():
    print(f"{name}: caller {caller}, " + ("span %s, code %d, events %d" % span if span else "no span"))
assert seen == {
    "blocking, abort(INTERNAL)": ("INTERNAL", ("ERROR", 13, 1)),
    "blocking, handler throws": ("UNKNOWN", ("UNSET", 0, 2)),
    "blocking, deadline": ("DEADLINE_EXCEEDED", ("UNSET", 0, 0)),
    "blocking, no such method": ("UNIMPLEMENTED", None),
    "asyncio, handler throws": ("UNKNOWN", ("UNSET", 0, 2)),
}
PYTHON
timeout 90 "$work/venv/bin/python" "$work/probe.py"
