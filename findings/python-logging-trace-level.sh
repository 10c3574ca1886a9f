#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-logging 0.66b1 with opentelemetry-sdk 1.45.1; logging of Python 3.
#
# One would guess: a level of one's own below DEBUG, which most libraries that have one call TRACE and give the number 5, becomes the severity TRACE
# (1 to 4 in OpenTelemetry), as one between INFO and WARNING becomes INFO2 to INFO4.
#
# Seen: all below 10 has the severity 0, "unspecified", with the name of the level as text.
#   5 "TRACE": 0 TRACE
#   10 DEBUG: 5;  15: 8;  25 "NOTICE": 12;  60 "ALERT": 24
#
# Why it matters: 0 is below TRACE for a filter that compares numbers, and "no severity" for one that follows the data model, which lets it pass, or
# takes INFO: the most talkative records are then the ones that get by the filter that was set to be rid of them. Map them, or log them as DEBUG.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-logging==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import logging

from opentelemetry.instrumentation.logging.handler import LoggingHandler
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor

exporter, provider = InMemoryLogRecordExporter(), LoggerProvider(shutdown_on_exit=False)
provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
logger = logging.getLogger("shop")
logger.setLevel(1)
logger.addHandler(LoggingHandler(logger_provider=provider))
for level, name in ((5, "TRACE"), (25, "NOTICE"), (60, "ALERT")):
    logging.addLevelName(level, name)
for level in (1, 5, 9, 10, 15, 25, 60):
    logger.log(level, "probe")
records = [data.log_record for data in exporter.get_finished_logs()]
seen = [record.severity_number.value for record in records]
print(seen, records[1].severity_text)
assert seen == [0, 0, 0, 5, 8, 12, 24] and records[1].severity_text == "TRACE"
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
