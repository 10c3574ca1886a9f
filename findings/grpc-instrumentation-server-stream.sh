#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-grpc 0.66b1 with opentelemetry-sdk 1.45.1, grpcio 1.85.3.
#
# One would guess: an instrumented call of a method that streams its answer gives the same call object as before, wrapped: the request is sent
# at once, and cancel(), initial_metadata() and code() are there. The span begins with the call.
#
# Seen: it gives a plain generator. Nothing is sent until its first item is asked for; that is where the deadline and the span begin, and none of the
# methods of a call exists. A generator that is never iterated calls nobody, without an error. Streams in both directions are left alone.
#   plain: sent before the first item True, has cancel, initial_metadata, code, trailing_metadata
#   instrumented: sent before the first item False, has none of them
#   instrumented, both directions: sent before the first item True, has cancel, initial_metadata, code, trailing_metadata
#
# Why it matters: a watch that is opened first and read later misses what happened in between; call.cancel() fails with AttributeError in
# production, where telemetry is on, and passes its tests, where it is off; and the span does not show how long the caller left the stream unread.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-grpc==0.66b1 grpcio==1.85.3
cat > "$work/probe.py" <<'PYTHON'
import threading
from concurrent import futures

import grpc
from opentelemetry import trace
from opentelemetry.instrumentation.grpc import GrpcInstrumentorClient
from opentelemetry.sdk.trace import TracerProvider

trace.set_tracer_provider(TracerProvider())
arrived = threading.Event()
methods = ["cancel", "initial_metadata", "code", "trailing_metadata"]


def stream(request, context):
    arrived.set()
    yield b"first"
    yield b"second"


class Service(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method == "/probe.Probe/Stream":
            return grpc.unary_stream_rpc_method_handler(stream)
        return grpc.stream_stream_rpc_method_handler(stream)


server = grpc.server(futures.ThreadPoolExecutor(2))
server.add_generic_rpc_handlers((Service(),))
address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
server.start()


def watch(open_call, wait):
    with grpc.insecure_channel(address) as channel:
        arrived.clear()
        call = open_call(channel)
        early = arrived.wait(wait)
        assert list(call) == [b"first", b"second"] and arrived.is_set()
        return early, [name for name in methods if hasattr(call, name)]


def one_way(channel):
    return channel.unary_stream("/probe.Probe/Stream")(b"")


def both_ways(channel):
    return channel.stream_stream("/probe.Probe/Both")(iter([b""]))


seen = {"plain": watch(one_way, 20)}
GrpcInstrumentorClient().instrument()
seen["instrumented"] = watch(one_way, 2)
seen["instrumented, both directions"] = watch(both_ways, 20)
server.stop(None).wait(10)
for name, (early, found) in seen.items():
    print(f"{name}: sent before the first item {early}, has {', '.join(found) or 'none of them'}")
assert seen == {"plain": (True, methods), "instrumented": (False, []), "instrumented, both directions": (True, methods)}
PYTHON
timeout 90 "$work/venv/bin/python" "$work/probe.py"
