#!/usr/bin/env bash
# Package: PyPI opentelemetry-sdk 1.45.1.
#
# One would guess: when the queue of the batch processor is full, because the receiver is slow or gone, spans that end now are dropped, as the
# specification says ("after the size is reached spans are dropped"); what waits already is sent when the receiver is back.
#
# Seen: the span that ends now is taken, and the one that has waited longest is dropped for it; the log says "Queue full, dropping Span", once for a
# burst. It is the same for logs.
#   queue of 10, export of the first 5 blocked, 40 spans end: exported 0 … 4 and 30 … 39
#   the same with logs: exported 0 … 4 and 30 … 39
#
# Why it matters: children end before their parents and the cause before its consequences. After an outage of the collector its beginning is missing,
# which is what is looked for, and traces are there as parents without what they waited for. Size OTEL_BSP_MAX_QUEUE_SIZE for the outage to be
# bridged.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import logging
import threading

from opentelemetry._logs import LogRecord
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExportResult
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult

lines = []


class Lines(logging.Handler):
    def emit(self, record):
        lines.append(record.getMessage())


logging.getLogger().addHandler(Lines())


class Slow:
    """An exporter that waits in its first export until it is let go."""

    def __init__(self, success, name):
        self.success, self.name, self.names = success, name, []
        self.reached, self.go = threading.Event(), threading.Event()

    def export(self, batch):
        self.reached.set()
        assert self.go.wait(30)
        self.names += [int(self.name(item)) for item in batch]
        return self.success

    def shutdown(self):
        pass

    def force_flush(self, timeout_millis=30000):
        return True


def kept(exporter, processor, end):
    for number in range(5):
        end(number)
    assert exporter.reached.wait(30)
    for number in range(5, 40):
        end(number)
    exporter.go.set()
    processor.shutdown()
    return exporter.names


options = {"max_queue_size": 10, "max_export_batch_size": 5, "schedule_delay_millis": 600000}
spans = Slow(SpanExportResult.SUCCESS, lambda span: span.name)
span_processor, tracers = BatchSpanProcessor(spans, **options), TracerProvider(shutdown_on_exit=False)
tracers.add_span_processor(span_processor)
tracer = tracers.get_tracer("probe")
logs = Slow(LogRecordExportResult.SUCCESS, lambda data: data.log_record.body)
log_processor, loggers = BatchLogRecordProcessor(logs, **options), LoggerProvider(shutdown_on_exit=False)
loggers.add_log_record_processor(log_processor)
logger = loggers.get_logger("probe")
seen = [
    kept(spans, span_processor, lambda number: tracer.start_span(str(number)).end()),
    kept(logs, log_processor, lambda number: logger.emit(LogRecord(body=str(number)))),
]
print("spans", seen[0])
print("logs", seen[1])
print("log", lines)
assert seen == [[*range(5), *range(30, 40)]] * 2
assert lines[0] == "Queue full, dropping Span." and len(lines) <= 2
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
