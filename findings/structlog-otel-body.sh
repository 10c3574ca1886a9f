#!/usr/bin/env bash
# Packages: PyPI structlog 26.1.0, opentelemetry-instrumentation-logging 0.66b1 with opentelemetry-sdk 1.45.1.
#
# One would guess: OpenTelemetry's handler for the logging module, behind structlog's recommended setup for that module (wrap_for_formatter),
# records the event as the body and its values as attributes, or the whole as a map, which a body can be.
#
# Seen: the body is the text of Python's repr of the dictionary, with single quotes, so it is no JSON either. No value is an attribute; what the setup
# needs inside is: the logger object as text in "_logger", and "_name". A dictionary given to logging itself becomes such a text, too.
#   wrap_for_formatter: body "{'user': 'ada', 'order': 5, 'event': 'placed', 'level': 'info'}", attributes _logger _name
#   logging.info({"user": …}): body "{'user': 'ada', 'order': 5}", attributes none
#   render_to_log_kwargs: body "placed", attributes order user
#
# Why it matters: the lines on the terminal look right, and in the backend nothing can be searched by user or order, not even by parsing the
# body. Have render_to_log_kwargs as the last processor for the logger whose records go to OpenTelemetry.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-logging==0.66b1 structlog==26.1.0
cat > "$work/probe.py" <<'PYTHON'
import logging

import structlog
from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor

memory = InMemoryLogRecordExporter()
provider = LoggerProvider()
provider.add_log_record_processor(SimpleLogRecordProcessor(memory))
logger = logging.getLogger("probe")
logger.setLevel(logging.INFO)
logger.propagate = False
logger.addHandler(LoggingHandler(logger_provider=provider))


def through(*processors):
    structlog.configure(processors=processors, logger_factory=structlog.stdlib.LoggerFactory(), cache_logger_on_first_use=False)
    structlog.get_logger("probe").info("placed", user="ada", order=5)


def recorded(name):
    (log,) = memory.get_finished_logs()
    memory.clear()
    record = log.log_record
    attributes = sorted(key for key in record.attributes if not key.startswith("code."))
    print(f'{name}: body "{record.body}", attributes {" ".join(attributes) or "none"}')
    return record.body, attributes


through(structlog.stdlib.add_log_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter)
wrapped = recorded("wrap_for_formatter")
logger.info({"user": "ada", "order": 5})
plain = recorded('logging.info({"user": …})')
through(structlog.stdlib.render_to_log_kwargs)
arguments = recorded("render_to_log_kwargs")
assert wrapped == ("{'user': 'ada', 'order': 5, 'event': 'placed', 'level': 'info'}", ["_logger", "_name"])
assert plain == ("{'user': 'ada', 'order': 5}", [])
assert arguments == ("placed", ["order", "user"])
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" 2> "$work/errors" || { cat "$work/errors" >&2; exit 1; }
