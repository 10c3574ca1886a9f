#!/usr/bin/env bash
# Packages: PyPI aws-xray-sdk 2.15.0; opentelemetry-propagator-aws-xray 1.0.2 with opentelemetry-sdk 1.45.1.
#
# One would guess: a service with the X-Ray SDK that gets a request with Sampled=0 sends the trace on as it came, with Sampled=0, so that the whole of
# it stays unsampled and logs of all services have its identifier.
#
# Seen: it sends an identifier of zeros. OpenTelemetry's X-Ray propagator takes that for no trace: the next service begins a new one, and samples it
# by its own rule, which by default is always.
#   in:  Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=0
#   out: Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0
#   next service, OpenTelemetry: a new trace, sampled
#   the same with Sampled=1: the same trace, sampled
#
# Why it matters: where a front end samples one request in a hundred, everything behind such a service records the other 99 as traces of their own
# that begin in the middle, and pays for them. In logs no request that was not sampled can be followed across services.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check aws-xray-sdk==2.15.0 opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-propagator-aws-xray==1.0.2
cat > "$work/probe.py" <<'PYTHON'
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.ext.util import calculate_sampling_decision, construct_xray_header, inject_trace_header
from opentelemetry.context import Context
from opentelemetry.propagators.aws import AwsXRayPropagator
from opentelemetry.sdk.trace import TracerProvider


class Nowhere:
    def send_entity(self, entity):
        pass

    def set_daemon_address(self, address):
        pass


xray_recorder.configure(emitter=Nowhere(), sampling=False, service="shop", context_missing="LOG_ERROR")
tracer = TracerProvider().get_tracer("probe")
root = "1-0af76519-16cd43dd8448eb211c80319c"


def through(sampled):
    """Takes a request in as the SDK's middlewares do, and returns what it sends on, and what the service behind it makes of that."""
    arrived = construct_xray_header({"X-Amzn-Trace-Id": f"Root={root};Parent=b7ad6b7169203331;Sampled={sampled}"})
    decision = calculate_sampling_decision(trace_header=arrived, recorder=xray_recorder, sampling_req={})
    segment = xray_recorder.begin_segment("shop", traceid=arrived.root, parent_id=arrived.parent, sampling=decision)
    segment.save_origin_trace_header(arrived)
    sent = {}
    inject_trace_header(sent, segment)
    xray_recorder.end_segment()
    span = tracer.start_span("next", context=AwsXRayPropagator().extract(sent, context=Context()))
    trace = span.get_span_context()
    return sent["X-Amzn-Trace-Id"], format(trace.trace_id, "032x") == root[2:].replace("-", ""), trace.trace_flags.sampled


off, on = through(0), through(1)
print(f"Sampled=0: sent on {off[0]}, next service: same trace {off[1]}, sampled {off[2]}")
print(f"Sampled=1: sent on {on[0]}, next service: same trace {on[1]}, sampled {on[2]}")
assert off == ("Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0", False, True)
assert on[0].startswith(f"Root={root};") and on[1:] == (True, True)
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
