#!/usr/bin/env bash
# Packages: PyPI loguru 0.7.3, opentelemetry-instrumentation-logging 0.66b1 with opentelemetry-sdk 1.45.1.
#
# One would guess: OpenTelemetry's handler, added to loguru as loguru's documentation adds handlers of logging, sends the message, the bound values as
# attributes, and the current trace.
#
# Seen: the body is the whole line for the terminal, with its own time and level in front. Bound values are inside of one attribute "extra", a map. An
# exception is in the attributes and again in the body, where loguru by default also prints the values of the variables in each frame. With
# enqueue=True, which loguru recommends for several processes, no record has a trace: its thread has no context.
#   bind(user="7").info("paid") -> body "2026-11-30 … | INFO | … - paid", attribute extra {"user": "7"}, none named user
#   exception in charge(card) -> the number of the card in the body, not in exception.stacktrace
#   enqueue=True -> no trace
#
# Why it matters: where stores keep attributes flat, nothing that was bound can be searched for; every body is unique, and what variables held at the
# time of an error, secrets too, is in the log store. format="{message}", diagnose=False and a patcher that copies the trace mend it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-logging==0.66b1 loguru==0.7.3
cat > "$work/probe.py" <<'PYTHON'
from loguru import logger
from opentelemetry import trace
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider

tracer = TracerProvider().get_tracer("probe")
exporter = InMemoryLogRecordExporter()
provider = LoggerProvider(shutdown_on_exit=False)
provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))


def charge(card):
    raise ValueError("refused")


def pay():
    with tracer.start_as_current_span("pay"):
        logger.bind(user="7").info("paid")
        try:
            charge("4111-1111")
        except ValueError:
            logger.exception("failed")


def sent(**options):
    """Returns the records that arrive of a payment with such a sink."""
    logger.remove()
    logger.add(LoggingHandler(logger_provider=provider), **options)
    pay()
    logger.complete()
    records = [finished.log_record for finished in exporter.get_finished_logs()]
    exporter.clear()
    return records


paid, failed = sent()
print(repr(paid.body), paid.attributes["extra"], "trace:", bool(paid.trace_id))
assert paid.body.endswith("- paid") and " | INFO " in paid.body and paid.attributes["extra"] == {"user": "7"} and paid.trace_id
assert "user" not in paid.attributes
shown = "4111-1111" in failed.body, "'4111-1111'" in failed.attributes["exception.stacktrace"].replace('charge("4111-1111")', "")
print("card in body, in stack trace:", shown)
assert shown == (True, False)
queued, _ = sent(enqueue=True, format="{message}", diagnose=False)
print(repr(queued.body), "trace:", bool(queued.trace_id))
assert queued.body == "paid" and not queued.trace_id
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
