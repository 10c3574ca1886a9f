#!/usr/bin/env bash
# Packages: PyPI opentelemetry-opentracing-shim 0.66b1 with opentelemetry-sdk 1.45.1, opentracing 2.4.0.
#
# One would guess: OpenTracing's way to say that a span failed, the tag error=True, becomes the status ERROR, as OpenTelemetry's specification of such
# shims says, and a log of the event "error" with its error.object becomes an exception event.
#
# Seen: the tag is an attribute with the name "error", and the status stays unset. The log is an event named "error"; of the exception in it there is
# the text, without type and stack trace. An exception that leaves the scope has all of it; code for OpenTracing does not count on that.
#   set_tag("error", True): status UNSET, attribute error
#   log_kv of an exception: event error with the text of the exception, no exception.type
#   raised through the scope: status ERROR, event exception with its type
#
# Why it matters: dashboards, alerts and tail samplers that go by the status see no failed request of a service behind the shim, while each failed
# span has its tag as before.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-opentracing-shim==0.66b1 opentracing==2.4.0
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import logging

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.shim.opentracing_shim import create_tracer

logging.disable(logging.WARNING)
trace.set_tracer_provider(TracerProvider())
tracer = create_tracer(trace.get_tracer_provider())
tagged = tracer.start_span("tagged")
tagged.set_tag("error", True)
tagged.log_kv({"event": "error", "error.kind": "ValueError", "error.object": ValueError("no stock")})
tagged.finish()
try:
    with tracer.start_active_span("raised") as raised:
        raise ValueError("no stock")
except ValueError:
    pass


def shown(span):
    """Returns status, attributes and events of the OpenTelemetry span behind one of the shim."""
    inner = span.unwrap()
    return inner.status.status_code.name, dict(inner.attributes), [(event.name, dict(event.attributes)) for event in inner.events]


status, attributes, events = shown(tagged)
print(status, attributes, events)
assert (status, attributes) == ("UNSET", {"error": True})
assert events == [("error", {"event": "error", "error.kind": "ValueError", "error.object": "no stock"})]
status, attributes, events = shown(raised.span)
kinds = [(name, values["exception.type"]) for name, values in events]
print(status, attributes, kinds)
assert (status, attributes, kinds) == ("ERROR", {}, [("exception", "ValueError")])
PYTHON
