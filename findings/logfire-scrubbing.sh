#!/usr/bin/env bash
# Package: PyPI logfire 5.4.0 (which brings OpenTelemetry's SDK), with send_to_logfire=False.
#
# One would guess: the scrubbing that logfire does by default takes secrets out of what is exported: values of attributes that are called password
# and the like, and the same words with what follows in messages and exceptions. Attributes of the semantic conventions stay.
#
# Seen: it goes by words in names and values of attributes alone. session.id of the conventions is replaced, a number or a truth value becomes text
# if "session" or "csrf" is in its name, and a path because it has /session in it. The message without placeholders and the exception, with its stack
# trace, keep the password as it is.
#   session.id "s-1" -> [Scrubbed due to 'session']; session_count 3 -> [Scrubbed due to 'session']; path "/session/42" -> [Scrubbed due to 'session']
#   info("password is hunter2") -> password is hunter2; ValueError("password=hunter2") -> exception.message password=hunter2
#
# Why it matters: traces of one session cannot be found in any backend, a sum over session_count fails on text, and who relies on it has the
# passwords in the place where they are most often, the text of an error. The option scrubbing=ScrubbingOptions(callback=…) keeps values; errors need
# a processor.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check logfire==5.4.0
cat > "$work/probe.py" <<'PYTHON'
import logfire
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
logfire.configure(
    send_to_logfire=False, console=False, inspect_arguments=False, metrics=False, additional_span_processors=[SimpleSpanProcessor(memory)]
)
SCRUBBED = "[Scrubbed due to 'session']"
values = {"session.id": "s-1", "session_count": 3, "path": "/session/42", "url.path": "/session/42", "user": "Ann", "count": 3}
logfire.info("values", **values)
logfire.info("password is hunter2")
try:
    with logfire.span("work"):
        raise ValueError("password=hunter2")
except ValueError:
    pass
logged, message, failed = [span for span in memory.get_finished_spans() if span.attributes.get("logfire.span_type") != "pending_span"]
seen = {name: logged.attributes[name] for name in values}
print(seen)
assert seen == {**values, "session.id": SCRUBBED, "session_count": SCRUBBED, "path": SCRUBBED}, seen
print(message.attributes["logfire.msg"])
assert message.attributes["logfire.msg"] == "password is hunter2"
(event,) = failed.events
print(event.attributes["exception.message"])
assert event.attributes["exception.message"] == "password=hunter2" and "hunter2" in event.attributes["exception.stacktrace"]
PYTHON
cd "$work"
LOGFIRE_IGNORE_NO_CONFIG=1 timeout 60 "$work/venv/bin/python" "$work/probe.py"
