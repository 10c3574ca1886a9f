#!/usr/bin/env bash
# Packages: PyPI opentelemetry-propagator-ot-trace 0.66b1 with opentelemetry-sdk 1.45.1.
#
# One would guess: a propagator writes "sampled" when the span is, whatever format it writes; so b3, jaeger, xray and ot-trace agree about one span.
#
# Seen: ot-trace compares the flags with 01 as a whole. The SDK sets W3C's flag for random identifiers on each trace that it begins, so these have 03,
# and their header says false. A trace that came in with 01 goes on as true. And baggage whose name has a hyphen is left out.
#   trace begun here: traceparent 03, x-b3-sampled 1, X-Ray Sampled=1, ot-tracer-sampled false
#   trace continued from a caller with 01: ot-tracer-sampled true
#   baggage tenant, tenant-id: ot-baggage-tenant alone
#
# Why it matters: all that stand behind the first service (with a parent-based sampler, as is the default) record nothing. The first service's spans
# are there, so it looks as if the others were not instrumented. Before the SDK set that flag the same setup worked.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-propagator-ot-trace==0.66b1 opentelemetry-propagator-b3==1.45.1 opentelemetry-propagator-aws-xray==1.0.2
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
from opentelemetry import baggage, trace
from opentelemetry.propagators.aws import AwsXRayPropagator
from opentelemetry.propagators.b3 import B3MultiFormat
from opentelemetry.propagators.ot_trace import OTTracePropagator
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

tracer = TracerProvider().get_tracer("probe")
propagators = (TraceContextTextMapPropagator(), B3MultiFormat(), AwsXRayPropagator(), OTTracePropagator())


def headers(parent=None):
    """Returns what all propagators write for a new span below this parent."""
    span = tracer.start_span("probe", context=parent)
    here = baggage.set_baggage("tenant-id", "7", baggage.set_baggage("tenant", "acme", trace.set_span_in_context(span)))
    carrier = {}
    for propagator in propagators:
        propagator.inject(carrier, context=here)
    return carrier


begun = headers()
seen = (begun["traceparent"][-2:], begun["x-b3-sampled"], begun["X-Amzn-Trace-Id"].split(";")[-1], begun["ot-tracer-sampled"])
print("begun here: traceparent %s, x-b3-sampled %s, X-Ray %s, ot-tracer-sampled %s" % seen)
assert seen == ("03", "1", "Sampled=1", "false"), seen
caller = {"ot-tracer-traceid": "0af7651916cd43dd", "ot-tracer-spanid": "b7ad6b7169203331", "ot-tracer-sampled": "true"}
continued = headers(OTTracePropagator().extract(caller))
print("continued:", continued["traceparent"][-2:], continued["ot-tracer-sampled"])
assert (continued["traceparent"][-2:], continued["ot-tracer-sampled"]) == ("01", "true"), continued
names = sorted(name for name in begun if name.startswith("ot-baggage-"))
print("baggage:", names)
assert names == ["ot-baggage-tenant"], names
PYTHON
