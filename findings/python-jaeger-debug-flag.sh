#!/usr/bin/env bash
# Packages: PyPI opentelemetry-propagator-jaeger 1.45.1 with opentelemetry-sdk 1.45.1.
#
# One would guess: uber-trace-id says 01 for a sampled span and 00 for one that is not. 02 is the debug flag, which an operator sets.
#
# Seen: a sampled span says 03, always, and one that was not sampled says 02: W3C's flag for random trace identifiers, which the SDK sets on each
# trace that it begins, has the number of Jaeger's debug flag and is written as it is. Jaeger's format wants debug beside the sampled flag only.
#   sampled, new trace: traceparent flags 03, uber-trace-id flags 03
#   not sampled, new trace: traceparent flags 02, uber-trace-id flags 02
#   sampled, continued from traceparent flags 01: uber-trace-id flags 03
#   not sampled, continued from traceparent flags 00: uber-trace-id flags 00
#
# Why it matters: debug tells backends and samplers to keep a trace whatever their limits are. A reader that takes debug as a demand to record
# (debug implies sampled) records each trace that this service had dropped. A reader should heed debug only beside the sampled flag.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-propagator-jaeger==1.45.1
cat > "$work/probe.py" <<'PYTHON'
from opentelemetry import trace
from opentelemetry.propagators.jaeger import JaegerPropagator
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

w3c, jaeger = TraceContextTextMapPropagator(), JaegerPropagator()


def flags(root, incoming):
    """Starts a span, and returns the flags that both propagators write for it."""
    context = w3c.extract({"traceparent": f"00-{'a' * 32}-{'b' * 16}-{incoming}"} if incoming else {})
    span = TracerProvider(sampler=ParentBased(root)).get_tracer("probe").start_span("work", context=context)
    headers = {}
    for propagator in (w3c, jaeger):
        propagator.inject(headers, context=trace.set_span_in_context(span))
    return headers["traceparent"].split("-")[3], headers["uber-trace-id"].split(":")[3]


seen = [flags(ALWAYS_ON, None), flags(ALWAYS_OFF, None), flags(ALWAYS_OFF, "01"), flags(ALWAYS_ON, "00")]
print("sampled, new trace: traceparent flags %s, uber-trace-id flags %s" % seen[0])
print("not sampled, new trace: traceparent flags %s, uber-trace-id flags %s" % seen[1])
print("sampled, continued from traceparent flags 01: uber-trace-id flags %s" % seen[2][1])
print("not sampled, continued from traceparent flags 00: uber-trace-id flags %s" % seen[3][1])
assert seen[:2] == [("03", "03"), ("02", "02")]
assert [written for _, written in seen[2:]] == ["03", "00"]
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
