#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-logging 0.66b1 with opentelemetry-sdk 1.45.1; logging.handlers of Python 3.
#
# One would guess: a log record belongs to the span in which it was logged, also if a handler of the standard library stands between the
# logger and OpenTelemetry's handler. The instrumentation puts the identifiers of the span into each record when it is made (inject_trace_context).
#
# Seen: OpenTelemetry's handler asks for the current span when it gets the record. Behind a MemoryHandler the records of a request have the trace
# of the one that filled the buffer or logged the first error; behind a QueueHandler they have none, and an exception is text in the body.
# That the record itself carries otelTraceID, the right one, changes nothing.
#   direct: trace of its own span, exception attributes True
#   MemoryHandler: record of span one -> trace of span two, otelTraceID of span one
#   QueueHandler: no trace, otelTraceID of its own span, exception attributes False
#
# Why it matters: both are the usual ways to keep writing logs out of a request. With the first a search by trace finds lines of foreign requests,
# with the second none. Put OpenTelemetry's handler on the logger itself (it only queues, too), and buffer the others.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-logging==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import logging
import queue
from logging.handlers import MemoryHandler, QueueHandler, QueueListener

from opentelemetry import trace
from opentelemetry.instrumentation.logging import LoggingInstrumentor
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider

trace.set_tracer_provider(TracerProvider())
tracer = trace.get_tracer("probe")
LoggingInstrumentor().instrument(enable_log_auto_instrumentation=False, inject_trace_context=True)
memory = InMemoryLogRecordExporter()
provider = LoggerProvider()
provider.add_log_record_processor(SimpleLogRecordProcessor(memory))
own = {}


class Exporting(LoggingHandler):
    """Remembers what the record of the standard library says about its trace."""

    def emit(self, record):
        own[record.getMessage().splitlines()[0]] = int(record.otelTraceID, 16)
        super().emit(record)


log = logging.getLogger("app")
log.setLevel(logging.INFO)
log.propagate = False
handler = Exporting(logger_provider=provider)


def request(name, failing=False):
    with tracer.start_as_current_span(name) as span:
        if failing:
            try:
                {}["key"]
            except KeyError:
                log.exception(name)
        else:
            log.info(name)
        return span.get_span_context().trace_id


def exported():
    records = [data.log_record for data in memory.get_finished_logs()]
    memory.clear()
    return records


log.handlers = [handler]
trace_id = request("direct", failing=True)
(direct,) = exported()
kept = "exception.type" in direct.attributes
print(f"direct: trace of its own span {direct.trace_id == trace_id}, exception attributes {kept}")
assert direct.trace_id == trace_id and kept

log.handlers = [MemoryHandler(100, flushLevel=logging.ERROR, target=handler)]
one, two = request("one"), request("two", failing=True)
first, second = exported()
print(f"MemoryHandler: record of span one: trace of span two {first.trace_id == two}, otelTraceID of span one {own['one'] == one}")
assert first.trace_id == second.trace_id == two != one and own["one"] == one

records = queue.Queue()
log.handlers = [QueueHandler(records)]
listener = QueueListener(records, handler)
listener.start()
trace_id = request("queued", failing=True)
listener.stop()
(queued,) = exported()
kept = "exception.type" in (queued.attributes or {})
print(f"QueueHandler: trace {queued.trace_id}, otelTraceID of its own span {own['queued'] == trace_id}, exception attributes {kept}")
assert not queued.trace_id and own["queued"] == trace_id and not kept and "KeyError" in queued.body
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
