#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-otlp-proto-grpc 1.45.1 with opentelemetry-sdk 1.45.1, grpcio 1.85.3, grpcio-status 1.85.3.
#
# One would guess: the exporter waits as long as the RetryInfo of a refusal says, and does not repeat RESOURCE_EXHAUSTED without one, as
# the protocol asks.
#
# Seen: RetryInfo in the details of the status (the trailer grpc-status-details-bin, where grpc-status and grpc-go put it) is not looked at.
# What is read is a trailer of its own, google.rpc.retryinfo-bin, which these libraries do not send. RESOURCE_EXHAUSTED alone is repeated.
#   RESOURCE_EXHAUSTED, no RetryInfo: 2 requests, waited about 1 s
#   RESOURCE_EXHAUSTED, RetryInfo of 4 s in the details: 2 requests, waited about 1 s
#   RESOURCE_EXHAUSTED, RetryInfo of 4 s in google.rpc.retryinfo-bin: 2 requests, waited about 4 s
#
# Why it matters: a receiver under load cannot slow these senders down: all come back after a second. Over HTTP the same
# SDK obeys Retry-After. A receiver that needs the pause has to send both trailers, or close the port.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-exporter-otlp-proto-grpc==1.45.1 grpcio==1.85.3 grpcio-status==1.85.3
cat > "$work/probe.py" <<'PYTHON'
import logging
import time
from concurrent import futures

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SpanExportResult

logging.disable(logging.CRITICAL)
arrivals, refusal = [], []
retry = error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(seconds=4))


class Receiver(trace_service_pb2_grpc.TraceServiceServicer):
    def Export(self, request, context):
        arrivals.append(time.monotonic())
        if refusal:
            refusal.pop()(context)
        return trace_service_pb2.ExportTraceServiceResponse()


def plain(context):
    context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "busy")


def details(context):
    detail = any_pb2.Any()
    detail.Pack(retry)
    status = status_pb2.Status(code=grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], message="busy", details=[detail])
    context.abort_with_status(rpc_status.to_status(status))


def trailer(context):
    context.set_trailing_metadata((("google.rpc.retryinfo-bin", retry.SerializeToString()),))
    plain(context)


server = grpc.server(futures.ThreadPoolExecutor(2))
trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Receiver(), server)
port = server.add_insecure_port("127.0.0.1:0")
server.start()
span = TracerProvider().get_tracer("probe").start_span("work")
span.end()
seen = {}
cases = {"no RetryInfo": plain, "RetryInfo of 4 s in the details": details, "RetryInfo of 4 s in google.rpc.retryinfo-bin": trailer}
for name, refuse in cases.items():
    arrivals.clear()
    refusal[:] = [refuse]
    exporter = OTLPSpanExporter(endpoint=f"http://127.0.0.1:{port}", timeout=20)
    assert exporter.export([span]) == SpanExportResult.SUCCESS
    exporter.shutdown()
    seen[name] = len(arrivals), arrivals[-1] - arrivals[0]
    print(f"RESOURCE_EXHAUSTED, {name}: {len(arrivals)} requests, waited about {seen[name][1]:.0f} s")
server.stop(None).wait(10)
assert all(count == 2 for count, _ in seen.values())
waits = [wait for _, wait in seen.values()]
assert max(waits[:2]) < 3.5 < waits[2]
PYTHON
timeout 90 "$work/venv/bin/python" "$work/probe.py"
