#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-otlp-proto-http and -grpc 1.45.1 with opentelemetry-sdk 1.45.1, grpcio 1.85.3.
#
# One would guess: OTEL_EXPORTER_OTLP_TIMEOUT is in milliseconds, as the specification of the exporter has it and as the SDK's other times are
# (OTEL_BSP_SCHEDULE_DELAY, OTEL_METRIC_EXPORT_INTERVAL): 1000 is a second.
#
# Seen: it is in seconds, over HTTP and over gRPC alike. Fractions are taken.
#   1000, receiver answers after 3 s: exported after 3 s (in milliseconds it would have been given up after 1 s)
#   1, the same: given up after 1 s, FAILURE
#   OTEL_BSP_SCHEDULE_DELAY=1000: sent after 1 s
#
# Why it matters: one environment for services of several languages, with 10000 in it, lets those in Python wait for close to three hours for a
# receiver that hangs, while the queue runs over; and one that was set up for Python gives the others ten milliseconds, so each export fails.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 grpcio==1.85.3 \
    opentelemetry-exporter-otlp-proto-http==1.45.1 opentelemetry-exporter-otlp-proto-grpc==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GRPCExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HTTPExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

logging.disable()


class Receiver(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(3)
        try:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
        except OSError:
            pass


def export(request, context):
    time.sleep(3)
    return b""


web = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=web.serve_forever, daemon=True).start()
calls = grpc.server(ThreadPoolExecutor(4))
method = {"Export": grpc.unary_unary_rpc_method_handler(export)}
calls.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("opentelemetry.proto.collector.trace.v1.TraceService", method),))
port = calls.add_insecure_port("127.0.0.1:0")
calls.start()
span = TracerProvider().get_tracer("probe").start_span("work")
span.end()
seen = {}
for timeout in ("1000", "1"):
    os.environ["OTEL_EXPORTER_OTLP_TIMEOUT"] = timeout
    for name, make in (
        ("http", lambda: HTTPExporter(endpoint=f"http://127.0.0.1:{web.server_port}/v1/traces")),
        ("grpc", lambda: GRPCExporter(endpoint=f"http://127.0.0.1:{port}", insecure=True)),
    ):
        exporter, begun = make(), time.monotonic()
        seen[name, timeout] = exporter.export([span]).name, round(time.monotonic() - begun)
        print(f"{name}, {timeout}: {seen[name, timeout][0]} after {seen[name, timeout][1]} s")
        exporter.shutdown()
arrived = threading.Event()


class Noted(SpanExporter):
    def export(self, spans):
        arrived.set()
        return SpanExportResult.SUCCESS


os.environ["OTEL_BSP_SCHEDULE_DELAY"] = "1000"
provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(Noted()))
provider.get_tracer("probe").start_span("work").end()
assert arrived.wait(30), "OTEL_BSP_SCHEDULE_DELAY is not in milliseconds"
calls.stop(None)
for name in ("http", "grpc"):
    result, seconds = seen[name, "1000"]
    assert result == "SUCCESS" and seconds >= 3, seen
    result, seconds = seen[name, "1"]
    assert result == "FAILURE" and seconds < 3, seen
PYTHON
timeout 100 "$work/venv/bin/python" "$work/probe.py"
