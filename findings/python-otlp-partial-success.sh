#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-otlp-proto-http and -grpc 1.45.1 with opentelemetry-sdk 1.45.1, grpcio 1.85.3.
#
# One would guess: an answer that a part of a request was rejected (partial_success with a number and a reason) is logged as a warning, as the
# protocol recommends, and so is a warning without a rejection; what was rejected does not count as exported.
#
# Seen: the answer is not looked at, for no signal and neither over HTTP nor over gRPC. The export is a success, with no line in the log at any level.
#   traces, HTTP: 1 of 1 rejected, "too old": SUCCESS, log lines 0
#   logs, HTTP: 1 of 1 rejected, "too old": SUCCESS, log lines 0
#   metrics, HTTP: 1 of 1 rejected, "too old": SUCCESS, log lines 0
#   traces, gRPC: 1 of 1 rejected, "too old": SUCCESS, log lines 0
#
# Why it matters: collectors and backends reject single items for their age, their size or a limit of series, and tell the sender why in this field
# alone. Services in Python drop the reason. Whoever runs a receiver has to count and log what it rejects, by sender.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-exporter-otlp-proto-http==1.45.1 opentelemetry-exporter-otlp-proto-grpc==1.45.1 grpcio==1.85.3
cat > "$work/probe.py" <<'PYTHON'
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GRPCSpanExporter
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

lines, asked = [], []


class Lines(logging.Handler):
    def emit(self, record):
        if record.name.startswith("opentelemetry") or record.levelno >= logging.WARNING:
            lines.append(record.getMessage())


logging.getLogger().addHandler(Lines())
logging.getLogger().setLevel(1)
answers = {
    "/v1/traces": (ExportTraceServiceResponse(), "rejected_spans"),
    "/v1/logs": (ExportLogsServiceResponse(), "rejected_log_records"),
    "/v1/metrics": (ExportMetricsServiceResponse(), "rejected_data_points"),
}
for message, field in answers.values():
    setattr(message.partial_success, field, 1)
    message.partial_success.error_message = "too old"


class Receiver(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        asked.append(self.path)
        body = answers[self.path][0].SerializeToString()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Service(trace_service_pb2_grpc.TraceServiceServicer):
    def Export(self, request, context):
        asked.append("gRPC")
        return answers["/v1/traces"][0]


http = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=http.serve_forever, daemon=True).start()
base = "http://127.0.0.1:%d" % http.server_address[1]
server = grpc.server(ThreadPoolExecutor(1))
port = server.add_insecure_port("127.0.0.1:0")
trace_service_pb2_grpc.add_TraceServiceServicer_to_server(Service(), server)
server.start()

spans, records, reader = InMemorySpanExporter(), InMemoryLogRecordExporter(), InMemoryMetricReader()
tracers, loggers = TracerProvider(), LoggerProvider()
tracers.add_span_processor(SimpleSpanProcessor(spans))
loggers.add_log_record_processor(SimpleLogRecordProcessor(records))
with tracers.get_tracer("probe").start_as_current_span("work"):
    pass
loggers.get_logger("probe").emit(body="a line")
MeterProvider([reader]).get_meter("probe").create_counter("orders").add(1)
exports = {
    "traces, HTTP": (OTLPSpanExporter(endpoint=f"{base}/v1/traces"), spans.get_finished_spans()),
    "logs, HTTP": (OTLPLogExporter(endpoint=f"{base}/v1/logs"), records.get_finished_logs()),
    "metrics, HTTP": (OTLPMetricExporter(endpoint=f"{base}/v1/metrics"), reader.get_metrics_data()),
    "traces, gRPC": (GRPCSpanExporter(endpoint=f"127.0.0.1:{port}", insecure=True), spans.get_finished_spans()),
}
lines.clear()
for title, (exporter, data) in exports.items():
    result = exporter.export(data)
    print(f"{title}: {result.name}, log lines {len(lines)}")
    assert result.name == "SUCCESS" and not lines, (result, lines)
    exporter.shutdown()
assert asked == ["/v1/traces", "/v1/logs", "/v1/metrics", "gRPC"], asked
server.stop(0)
http.shutdown()
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
