#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-grpc 0.66b1 with opentelemetry-sdk 1.45.1, grpcio 1.85.3.
#
# One would guess: client instrumentation adds traceparent to the metadata of a call and leaves the rest as it is. gRPC allows a key several
# times, and the order of its values has a meaning.
#
# Seen: in the blocking client all values of a repeated key but the last are gone, for unary and streaming calls. The asyncio client
# of the same package keeps them.
#   plain: [('x-scope', 'orders'), ('x-scope', 'stock')]
#   instrumented: [('x-scope', 'stock')]
#   instrumented, server stream: [('x-scope', 'stock')]
#   instrumented, asyncio: [('x-scope', 'orders'), ('x-scope', 'stock')]
#
# Why it matters: switching telemetry on changes what the application sends: a scope, a feature flag or a routing hint is missing, and
# the server answers as if it had not been given. Lists in one value are safe, or the same instrumentation under asyncio.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-grpc==0.66b1 grpcio==1.85.3
cat > "$work/probe.py" <<'PYTHON'
import asyncio
from concurrent import futures

import grpc
from opentelemetry import trace
from opentelemetry.instrumentation.grpc import GrpcInstrumentorClient, aio_client_interceptors
from opentelemetry.sdk.trace import TracerProvider

received = []
sent = (("x-scope", "orders"), ("x-scope", "stock"))


def unary(request, context):
    received.append(context.invocation_metadata())
    return b"done"


def stream(request, context):
    received.append(context.invocation_metadata())
    yield b"done"


class Service(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method == "/probe.Probe/Unary":
            return grpc.unary_unary_rpc_method_handler(unary)
        return grpc.unary_stream_rpc_method_handler(stream)


server = grpc.server(futures.ThreadPoolExecutor(2))
server.add_generic_rpc_handlers((Service(),))
address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
server.start()
trace.set_tracer_provider(TracerProvider())


def taken():
    metadata = received.pop()
    traced = any(key == "traceparent" for key, _ in metadata)
    return [(key, value) for key, value in metadata if key == "x-scope"], traced


def blocking(call):
    with grpc.insecure_channel(address) as channel:
        call(channel)
    return taken()


async def asynchronous():
    async with grpc.aio.insecure_channel(address, interceptors=aio_client_interceptors()) as channel:
        await channel.unary_unary("/probe.Probe/Unary")(b"", metadata=sent)
    return taken()


def call_unary(channel):
    channel.unary_unary("/probe.Probe/Unary")(b"", metadata=sent)


seen = {"plain": blocking(call_unary)}
GrpcInstrumentorClient().instrument()
seen["instrumented"] = blocking(call_unary)
seen["instrumented, server stream"] = blocking(lambda channel: list(channel.unary_stream("/probe.Probe/Stream")(b"", metadata=sent)))
GrpcInstrumentorClient().uninstrument()
seen["instrumented, asyncio"] = asyncio.run(asynchronous())
server.stop(None).wait(10)
for name, (scopes, _) in seen.items():
    print(f"{name}: {scopes}")
both, last = list(sent), [sent[1]]
assert seen == {
    "plain": (both, False),
    "instrumented": (last, True),
    "instrumented, server stream": (last, True),
    "instrumented, asyncio": (both, True),
}
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
