#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-otlp-proto-http 1.45.1 and opentelemetry-exporter-otlp-json-http 0.66b1 with opentelemetry-sdk 1.45.1.
#
# One would guess: the flags of a span in OTLP are its W3C flags in the lower eight bits (01 sampled, 02 random identifier), as the protocol says, and
# above them whether its parent is remote; those of a link likewise.
#
# Seen: the lower eight bits are 0 for each span and each link, though only sampled spans are exported and their traceparent says 03. Whether the
# parent is remote is there. A log record within the span has its flags whole.
#   traceparent …-03: span flags 0x100, with a remote parent 0x300, link 0x100; log record 0x3
#
# Why it matters: a receiver that looks at the sampled bit (a tail sampler, a bridge that makes a traceparent of a stored span) takes all of them for
# not sampled, and consistent sampling behind the SDK cannot know that identifiers are random.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.1 opentelemetry-exporter-otlp-proto-http==1.45.1 \
    opentelemetry-exporter-otlp-json-http==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import gzip
import http.server
import json
import threading

from opentelemetry import trace
from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter as JSONExporter
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

seen = {}


class Receiver(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if "logs" in self.path:
            seen["record"] = ExportLogsServiceRequest.FromString(body).resource_logs[0].scope_logs[0].log_records[0].flags
        elif "json" in self.headers["Content-Type"]:
            span = json.loads(body)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
            seen[span["name"] + " in JSON"] = span["flags"], [link["flags"] for link in span.get("links", [])]
        else:
            span = ExportTraceServiceRequest.FromString(body).resource_spans[0].scope_spans[0].spans[0]
            seen[span.name] = span.flags, [link.flags for link in span.links]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=receiver.serve_forever, daemon=True).start()
endpoint = f"http://127.0.0.1:{receiver.server_port}"
provider, logs, propagator, headers = TracerProvider(), LoggerProvider(), TraceContextTextMapPropagator(), {}
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint + "/v1/traces")))
provider.add_span_processor(SimpleSpanProcessor(JSONExporter(endpoint=endpoint + "/v1/traces")))
logs.add_log_record_processor(SimpleLogRecordProcessor(OTLPLogExporter(endpoint + "/v1/logs")))
tracer = provider.get_tracer("probe")
with tracer.start_as_current_span("root") as root:
    propagator.inject(headers)
    logs.get_logger("probe").emit(LogRecord(body="within", timestamp=1))
remote = propagator.extract(headers)
tracer.start_span("child of a remote", context=remote, links=[trace.Link(root.get_span_context())]).end()
print(headers["traceparent"][-2:], {name: hex(flags) if isinstance(flags, int) else flags for name, flags in seen.items()})
assert headers["traceparent"].endswith("-03") and seen["record"] == 3
assert seen["root"] == (0x100, []) == seen["root in JSON"]
assert seen["child of a remote"] == (0x300, [0x100]) == seen["child of a remote in JSON"]
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
