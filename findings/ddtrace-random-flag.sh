#!/usr/bin/env bash
# Packages: PyPI ddtrace 4.16.0 with opentelemetry-api 1.45.1; opentelemetry-sdk 1.45.1 as the caller.
#
# One would guess: a service that uses OpenTelemetry's API with Datadog's tracer behind it (DD_TRACE_OTEL_ENABLED) keeps to the caller's decision: of
# the flags in traceparent it looks at the bit "sampled" (01), so 02 (random identifier, not sampled) is not sampled, and 03 is as 01.
#
# Seen: without a tracestate the whole byte is taken for Datadog's sampling priority. 02 is its "keep, a user has asked for it": the trace is sampled
# and goes on with 01. 03 is a priority that does not exist, and is sent on as such. With a tracestate of another vendor 03 is not sampled. Datadog's
# own propagator has it right.
#   traceparent …-00: on as 00, dd=s:0;  …-01: 01, dd=s:1;  …-02: 01, dd=s:2;  …-03: 01, dd=s:3
#   with tracestate vendor=1: …-01: on as 01, dd=s:1;  …-02: 00, dd=s:0;  …-03: 00, dd=s:0
#   ddtrace's HTTPPropagator: …-02: on as 02, dd=s:0;  …-03: 03, dd=s:1
#   OpenTelemetry's SDK: sends …-02 for a trace that is not sampled, …-03 for one that is, without a tracestate
#
# Why it matters: 02 and 03 are what OpenTelemetry's SDK sends. Where callers sample one trace in a hundred, such a service and all behind it keep
# every trace; and a vendor's entry in tracestate makes it the reverse: nothing is kept behind the service.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check ddtrace==4.16.0 opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
cat > "$work/caller.py" <<'PYTHON'
from opentelemetry import propagate
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON

for sampler in (ALWAYS_OFF, ALWAYS_ON):
    with TracerProvider(sampler=sampler).get_tracer("caller").start_as_current_span("call"):
        headers = {}
        propagate.inject(headers)
        print(sorted(headers), headers["traceparent"][-2:])
PYTHON
cat > "$work/service.py" <<'PYTHON'
import logging
import re

import ddtrace.auto  # It makes OpenTelemetry's API use Datadog's tracer.
from ddtrace.propagation.http import HTTPPropagator
from ddtrace.trace import TraceFilter, tracer
from opentelemetry import context, propagate, trace


class Nothing(TraceFilter):
    """Drops what would be sent to an agent, of which there is none."""

    def process_trace(self, trace):
        return None


logging.disable(logging.CRITICAL)
tracer.configure(trace_processors=[Nothing()])
identifier = "0af7651916cd43dd8448eb211c80319c"
assert type(trace.get_tracer_provider()).__module__.startswith("ddtrace."), trace.get_tracer_provider()


def outcome(headers):
    version, trace_id, _, flags = headers["traceparent"].split("-")
    assert (version, trace_id) == ("00", identifier), headers
    return flags, re.search(r"\bs:(-?\d+)", headers["tracestate"]).group(1)


def through_api(flags, **more):
    headers, token = {}, context.attach(propagate.extract({"traceparent": f"00-{identifier}-b7ad6b7169203331-{flags}", **more}))
    with trace.get_tracer("service").start_as_current_span("serve"):
        propagate.inject(headers)
    context.detach(token)
    return outcome(headers)


def through_datadog(flags):
    headers = {}
    tracer.context_provider.activate(HTTPPropagator.extract({"traceparent": f"00-{identifier}-b7ad6b7169203331-{flags}"}))
    with tracer.trace("serve") as span:
        HTTPPropagator.inject(span.context, headers)
    tracer.context_provider.activate(None)
    return outcome(headers)


api = {flags: through_api(flags) for flags in ("00", "01", "02", "03")}
state = {flags: through_api(flags, tracestate="vendor=1") for flags in ("00", "01", "02", "03")}
datadog = {flags: through_datadog(flags) for flags in ("00", "01", "02", "03")}
print("API:", api)
print("API, with tracestate:", state)
print("Datadog's propagator:", datadog)
assert api == {"00": ("00", "0"), "01": ("01", "1"), "02": ("01", "2"), "03": ("01", "3")}, api
assert state == {"00": ("00", "0"), "01": ("01", "1"), "02": ("00", "0"), "03": ("00", "0")}, state
assert datadog == {"00": ("00", "0"), "01": ("01", "1"), "02": ("02", "0"), "03": ("03", "1")}, datadog
PYTHON
caller=$(timeout 60 "$work/venv/bin/python" "$work/caller.py")
echo "$caller"
[ "$caller" = "['traceparent'] 02
['traceparent'] 03" ]
cd "$work"
DD_TRACE_OTEL_ENABLED=true DD_INSTRUMENTATION_TELEMETRY_ENABLED=false DD_REMOTE_CONFIGURATION_ENABLED=false DD_TRACE_STARTUP_LOGS=false \
    DD_TRACE_AGENT_URL=http://127.0.0.1:9 timeout 60 "$work/venv/bin/python" "$work/service.py"
