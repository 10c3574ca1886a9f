#!/usr/bin/env bash
# Package: PyPI opentelemetry-sdk 1.45.1 (with its composable samplers, which it calls experimental).
#
# One would guess: the samplers for consistent probabilities do what they are for: they take the random value and the threshold from the caller's
# tracestate, put their threshold there, and leave the entries of others alone, as the older samplers do.
#
# Seen: the SDK hands the caller's tracestate to no sampler, the older ones look for it themselves, and these do not. So they see none, and what they
# return replaces it: entries of others are gone, th and rv of the caller too, and the decision is made without rv.
#   ParentBased:        vendor=1 -> vendor=1
#   parent threshold:   vendor=1 -> nothing
#   parent threshold:   ot=th:8;rv:c0000000000000,vendor=1 -> nothing
#   ratio 0.5, rv high: ot=rv:ffffffffffffff,vendor=1 -> nothing, not sampled
#   ratio 0.5, rv low:  ot=rv:00000000000000,vendor=1 -> ot=th:8, sampled
#
# Why it matters: behind such a service another tracing system finds its own entry missing and begins anew, spans cannot be counted by their
# threshold, and traces have holes, since services that follow rv and this one decide differently. Keep the older samplers where a tracestate
# comes in.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
cat > "$work/probe.py" <<'PYTHON'
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace._sampling_experimental import (
    composable_always_on,
    composable_parent_threshold,
    composable_traceid_ratio_based,
    composite_sampler,
)
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

threshold = composite_sampler(composable_parent_threshold(composable_always_on()))
ratio = composite_sampler(composable_traceid_ratio_based(0.5))
# The last seven bytes of the identifier stand for the random value where there is none: low ones are not sampled at 0.5, high ones are.
low, high = "0" * 31 + "1", "f" * 32


def hop(sampler, trace_id, state):
    """Continues a sampled trace, and returns the tracestate of its span and whether that is sampled."""
    headers = {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01", "tracestate": state}
    parent = TraceContextTextMapPropagator().extract(headers)
    span = TracerProvider(sampler=sampler).get_tracer("probe").start_span("work", context=parent)
    context = span.get_span_context()
    return context.trace_state.to_header(), context.trace_flags.sampled


cases = [
    ("ParentBased", ParentBased(ALWAYS_ON), high, "vendor=1", ("vendor=1", True)),
    ("parent threshold", threshold, high, "vendor=1", ("", True)),
    ("parent threshold", threshold, high, "ot=th:8;rv:c0000000000000,vendor=1", ("", True)),
    ("ratio 0.5, rv high", ratio, low, "ot=rv:ffffffffffffff,vendor=1", ("", False)),
    ("ratio 0.5, rv low", ratio, high, "ot=rv:00000000000000,vendor=1", ("ot=th:8", True)),
]
for name, sampler, trace_id, state, expected in cases:
    seen = hop(sampler, trace_id, state)
    sampled = (", sampled" if seen[1] else ", not sampled") if name.startswith("ratio") else ""
    print(f"{name + ':':<19} {state} -> {seen[0] or 'nothing'}{sampled}")
    assert seen == expected
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
