#!/usr/bin/env bash
# Package: PyPI opentelemetry-sdk 1.45.1.
#
# One would guess: a span that is at its limit of attributes takes no more: a further attribute is discarded and counted, as the specification has it,
# and what was set at its start stays.
#
# Seen: the further attribute is taken, and the oldest one is dropped for it. The first to go are those of the span's start, which instrumentations
# and samplers set; setting one again makes it young. Events and links go the same way: the last ones are kept. The span says how many were dropped,
# not that they were its first.
#   limit 3, started with method and route, then item.0 … item.9: kept item.7 item.8 item.9, dropped 9
#   limit 3, started with method and route, then item, method again, more: kept item method more, dropped 1
#   limit 3, events 0 … 9: kept 7 8 9
#
# Why it matters: a loop that sets numbered attributes (the default limit is 128) takes the span its method, route and status: it vanishes from each
# panel and search by them. Set attributes in loops on spans of their own, or as one list.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import logging

from opentelemetry.sdk.trace import SpanLimits, TracerProvider

logging.disable()  # a line for each attribute that is dropped
tracer = TracerProvider(span_limits=SpanLimits(max_span_attributes=3, max_events=3)).get_tracer("probe")


def attributes(names):
    span = tracer.start_span("work", attributes={"method": "GET", "route": "/"})
    for name in names:
        span.set_attribute(name, 1)
    span.end()
    return list(span.attributes), span.dropped_attributes


many = attributes(f"item.{number}" for number in range(10))
again = attributes(["item", "method", "more"])
span = tracer.start_span("work")
for number in range(10):
    span.add_event(str(number))
events = [event.name for event in span.events]
print(f"many: {many}, first one set again: {again}, events: {events}")
assert many == (["item.7", "item.8", "item.9"], 9)
assert again == (["item", "method", "more"], 1)
assert events == ["7", "8", "9"] and span.dropped_events == 7
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
