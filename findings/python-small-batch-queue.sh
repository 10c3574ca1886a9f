#!/usr/bin/env bash
# Packages: PyPI opentelemetry-sdk 1.45.1, opentelemetry-distro 0.66b1 with opentelemetry-instrumentation 0.66b1,
# opentelemetry-exporter-otlp-proto-http 1.45.1.
#
# One would guess: OTEL_BSP_MAX_QUEUE_SIZE=256, which is to save memory, makes the queue smaller, and the batches with it, since no batch can be
# larger than its queue; a setting that cannot be used is replaced by the default with a line in the log, as OTEL_BSP_SCHEDULE_DELAY=x is.
#
# Seen: it is an error: the default batch size of 512 is larger than the queue. In code the constructor raises. Under opentelemetry-instrument the
# program runs on; spans are made and go nowhere, and metrics and logs, which come later, are not set up at all.
#   OTEL_BSP_SCHEDULE_DELAY=x: default, a line in the log
#   OTEL_BSP_MAX_QUEUE_SIZE=256: ValueError: max_export_batch_size must be less than or equal to max_queue_size.
#   opentelemetry-instrument: "Failed to auto initialize OpenTelemetry", TracerProvider without a processor, _ProxyMeterProvider
#
# Why it matters: one variable that is in range and well formed takes all signals away, at the next start of the service. Set
# OTEL_BSP_MAX_EXPORT_BATCH_SIZE with it, and OTEL_BLRP_MAX_EXPORT_BATCH_SIZE for logs.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-distro==0.66b1 opentelemetry-instrumentation==0.66b1 opentelemetry-exporter-otlp-proto-http==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import os
import subprocess
import sys

programs = os.path.dirname(sys.executable)
by_hand = """
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
BatchSpanProcessor(InMemorySpanExporter()).shutdown()
print("made")
"""
whole = """
from opentelemetry import metrics, trace
tracers, meters = trace.get_tracer_provider(), metrics.get_meter_provider()
print(type(tracers).__name__, len(tracers._active_span_processor._span_processors), type(meters).__name__)
"""
automatic = {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_METRICS_EXPORTER": "console",
             "OTEL_TRACES_EXPORTER": "otlp", "OTEL_LOGS_EXPORTER": "none"}


def run(*command, **variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    done = subprocess.run(command, env={**environment, **variables}, capture_output=True, text=True, timeout=50)
    return done.returncode, done.stdout, done.stderr


delay = run(sys.executable, "-c", by_hand, OTEL_BSP_SCHEDULE_DELAY="x")
queue = run(sys.executable, "-c", by_hand, OTEL_BSP_MAX_QUEUE_SIZE="256")
instrument = f"{programs}/opentelemetry-instrument"
good = run(instrument, sys.executable, "-c", whole, **automatic)
bad = run(instrument, sys.executable, "-c", whole, OTEL_BSP_MAX_QUEUE_SIZE="256", **automatic)
print("delay:", delay[0], delay[1].strip(), "|", delay[2].splitlines()[0])
print("queue:", queue[0], queue[2].splitlines()[-1])
print("instrumented:", good[0], good[1].splitlines()[0])
print("instrumented, small queue:", bad[0], bad[1].splitlines()[0], "|", bad[2].splitlines()[0])
assert delay[0] == 0 and "Unable to parse value for OTEL_BSP_SCHEDULE_DELAY" in delay[2]
message = "ValueError: max_export_batch_size must be less than or equal to max_queue_size."
assert queue[0] == 1 and queue[2].splitlines()[-1] == message
assert good[0] == 0 and good[1].split()[:3] == ["TracerProvider", "1", "MeterProvider"]
assert bad[0] == 0 and bad[1].split() == ["TracerProvider", "0", "_ProxyMeterProvider"]
assert "Failed to auto initialize OpenTelemetry" in bad[2] and message in bad[2], bad[2]
PYTHON
timeout 200 "$work/venv/bin/python" "$work/probe.py"
