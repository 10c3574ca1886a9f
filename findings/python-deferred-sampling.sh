#!/usr/bin/env bash
# Packages: PyPI opentelemetry-propagator-b3 1.45.1, opentelemetry-propagator-aws-xray 1.0.2 with opentelemetry-sdk 1.45.1.
#
# One would guess: headers that carry a trace but no decision about sampling (B3 without X-B3-Sampled or without its third part, X-Ray with
# Sampled=? or without Sampled) mean the same in each form: the trace goes on, and this service decides with its own sampler.
#
# Seen: four forms, three answers, and the sampler is not asked in three of them. B3 in several headers is not sampled, B3 in one header is
# sampled even where the root sampler says no, X-Ray's "?" begins a new trace, X-Ray without a decision is not sampled.
#   X-B3-TraceId, X-B3-SpanId    sampler on: continued, dropped     sampler off: continued, dropped
#   b3: trace-span               sampler on: continued, recorded    sampler off: continued, recorded
#   X-Ray Sampled=?              sampler on: new trace, recorded    sampler off: new trace, dropped
#   X-Ray without Sampled        sampler on: continued, dropped     sampler off: continued, dropped
#
# Why it matters: gateways that leave sampling to the service behind them defer. Behind one form each trace of the service is lost, behind
# another its sampling rate is 100 %, and behind the third the trace breaks at the gateway. Have the gateway decide.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-propagator-b3==1.45.1 opentelemetry-propagator-aws-xray==1.0.2
cat > "$work/probe.py" <<'PYTHON'
from opentelemetry.propagators.aws import AwsXRayPropagator
from opentelemetry.propagators.b3 import B3MultiFormat, B3SingleFormat
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON, ParentBased

trace_id, span_id = "5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
ray = f"Root=1-{trace_id[:8]}-{trace_id[8:]};Parent={span_id}"
forms = {
    "X-B3-TraceId, X-B3-SpanId": (B3MultiFormat(), {"x-b3-traceid": trace_id, "x-b3-spanid": span_id}),
    "b3: trace-span": (B3SingleFormat(), {"b3": f"{trace_id}-{span_id}"}),
    "X-Ray Sampled=?": (AwsXRayPropagator(), {"X-Amzn-Trace-Id": f"{ray};Sampled=?"}),
    "X-Ray without Sampled": (AwsXRayPropagator(), {"X-Amzn-Trace-Id": ray}),
}


def hop(propagator, headers, root):
    tracer = TracerProvider(sampler=ParentBased(root)).get_tracer("probe")
    span = tracer.start_span("work", context=propagator.extract(headers))
    continued = span.get_span_context().trace_id == int(trace_id, 16)
    return f"{'continued' if continued else 'new trace'}, {'recorded' if span.is_recording() else 'dropped'}"


seen = {name: (hop(*form, ALWAYS_ON), hop(*form, ALWAYS_OFF)) for name, form in forms.items()}
for name, (on, off) in seen.items():
    print(f"{name:<28} sampler on: {on:<22} sampler off: {off}")
assert list(seen.values()) == [
    ("continued, dropped", "continued, dropped"),
    ("continued, recorded", "continued, recorded"),
    ("new trace, recorded", "new trace, dropped"),
    ("continued, dropped", "continued, dropped"),
]
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
