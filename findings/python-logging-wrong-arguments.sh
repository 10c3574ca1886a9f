#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-logging 0.66b1 with opentelemetry-sdk 1.45.1; logging of Python 3.
#
# One would guess: a log line with a placeholder too many (info("order %s of %s", 5)) does no harm: logging prints "--- Logging error ---" to stderr
# and goes on, whichever handler it is, and that is what its documentation says of errors in handlers.
#
# Seen: with OpenTelemetry's handler the call raises TypeError into the program. The same for a value whose __str__ raises. Other handlers of the same
# logger that come later do not get the record.
#   StreamHandler: no exception, "--- Logging error ---" on stderr
#   OpenTelemetry's handler: TypeError: not enough arguments for format string
#   value whose __str__ raises: StreamHandler no exception; OpenTelemetry's handler RuntimeError
#
# Why it matters: such lines sit unnoticed in branches that are rarely taken, as in the handling of errors. Once log export is switched on the request
# fails there with 500, in place of the answer that the branch was to give.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-logging==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import contextlib
import io
import logging

from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor


class Broken:
    def __str__(self):
        raise RuntimeError("closed")


class Later(logging.Handler):
    records = 0

    def emit(self, record):
        Later.records += 1


def outcome(handler, *arguments):
    """Logs with a handler and one behind it; returns what was raised, whether stderr says so, and whether the one behind got the record."""
    logger = logging.Logger("shop")
    logger.addHandler(handler)
    logger.addHandler(Later())
    Later.records, errors, raised = 0, io.StringIO(), None
    with contextlib.redirect_stderr(errors):
        try:
            logger.info(*arguments)
        except Exception as error:
            raised = type(error).__name__
    return raised, "--- Logging error ---" in errors.getvalue(), Later.records


provider = LoggerProvider(shutdown_on_exit=False)
provider.add_log_record_processor(SimpleLogRecordProcessor(InMemoryLogRecordExporter()))
seen = {}
for title, arguments in (("too few arguments", ("order %s of %s", 5)), ("__str__ raises", ("pool %s", Broken()))):
    plain = outcome(logging.StreamHandler(io.StringIO()), *arguments)
    exported = outcome(LoggingHandler(logger_provider=provider), *arguments)
    print(f"{title}: StreamHandler {plain}, OpenTelemetry's handler {exported}")
    seen[title] = plain, exported
assert seen["too few arguments"] == ((None, True, 1), ("TypeError", False, 0))
assert seen["__str__ raises"] == ((None, True, 1), ("RuntimeError", False, 0))
assert outcome(LoggingHandler(logger_provider=provider), "order %s", 5) == (None, False, 1)
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
