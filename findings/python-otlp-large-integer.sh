#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-otlp-proto-http 1.45.1 with opentelemetry-sdk 1.45.1.
#
# One would guess: a Python integer that does not fit into OTLP's 64 bits with a sign costs itself: its attribute, its data point or its log
# record is left out, or it travels as a double.
#
# Seen: so it is for an attribute. But a data point takes the metrics of the whole process with it, and a log body its whole batch: nothing is
# sent. For a gauge until its value is smaller, for a counter that has passed 2^63 until the process ends. force_flush() returns True.
#   span attribute 2^64-1: sent ['before', 'large', 'after'], attributes of 'large' []
#   gauge 2^64-1: sent nothing, force_flush True; with its next value 1: sent ['orders', 'limit']
#   counter past 2^63: sent nothing, force_flush True; after another 1: sent nothing
#   log body {"limit": 2^64-1}: sent nothing, force_flush True
#
# Why it matters: 2^64-1 is the usual "unlimited" of the C interfaces behind psutil and cgroups, and identifiers and hashes have 64 bits without
# a sign. One such gauge silences all metrics of a service, an error in its own log is the only trace of it. Record such values as floats.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-exporter-otlp-proto-http==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

logging.disable(logging.CRITICAL)
received = []


class Receiver(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        received.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}/v1/"
large = 2**64 - 1


def sent(provider, message):
    """Flushes, and returns what arrived."""
    received.clear()
    flushed = provider.force_flush()
    return [message.FromString(body) for body in received], flushed


traces = TracerProvider()
traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=base + "traces")))
tracer = traces.get_tracer("probe")
for name, attributes in (("before", {}), ("large", {"id": large}), ("after", {})):
    tracer.start_span(name, attributes=attributes).end()
requests, _ = sent(traces, ExportTraceServiceRequest)
spans = [span for request in requests for span in request.resource_spans[0].scope_spans[0].spans]
kept = [attribute.key for span in spans for attribute in span.attributes]
print(f"span attribute 2^64-1: sent {[span.name for span in spans]}, attributes of 'large' {kept}")
assert [span.name for span in spans] == ["before", "large", "after"] and kept == []


def metrics():
    reader = PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=base + "metrics"), export_interval_millis=3_600_000)
    provider = MeterProvider([reader])
    meter = provider.get_meter("probe")
    meter.create_counter("orders").add(1)
    return provider, meter


def sent_metrics(provider):
    requests, flushed = sent(provider, ExportMetricsServiceRequest)
    return [metric.name for request in requests for metric in request.resource_metrics[0].scope_metrics[0].metrics], flushed


provider, meter = metrics()
gauge = meter.create_gauge("limit")
gauge.set(large)
with_large = sent_metrics(provider)
gauge.set(1)
later, _ = sent_metrics(provider)
print(f"gauge 2^64-1: sent {with_large[0] or 'nothing'}, force_flush {with_large[1]}; with its next value 1: sent {later}")
assert with_large == ([], True) and later == ["orders", "limit"]
provider.shutdown()

provider, meter = metrics()
counter = meter.create_counter("bytes")
for _ in range(2):
    counter.add(2**62)
past = sent_metrics(provider)
counter.add(1)
later, _ = sent_metrics(provider)
print(f"counter past 2^63: sent {past[0] or 'nothing'}, force_flush {past[1]}; after another 1: sent {later or 'nothing'}")
assert past == ([], True) and later == []
provider.shutdown()

logs = LoggerProvider()
logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(endpoint=base + "logs")))
logger = logs.get_logger("probe")
logger.emit(LogRecord(body="before"))
logger.emit(LogRecord(body={"limit": large}))
requests, flushed = sent(logs, ExportLogsServiceRequest)
print(f'log body {{"limit": 2^64-1}}: sent {requests or "nothing"}, force_flush {flushed}')
assert requests == [] and flushed is True
logs.shutdown()
traces.shutdown()
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
