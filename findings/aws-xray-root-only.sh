#!/usr/bin/env bash
# Packages: PyPI opentelemetry-propagator-aws-xray 1.0.2 with opentelemetry-sdk 1.45.1 and opentelemetry-instrumentation-flask 0.66b1; aws-xray-sdk
# 2.15.0, Flask 3.1.3, Werkzeug 3.1.9.
#
# One would guess: a request with "X-Amzn-Trace-Id: Root=1-…", which Amazon's load balancer adds to each request that has no such header and writes
# into its access log, begins a trace with that identifier, as it does with the X-Ray SDK. With Sampled=0 behind it the trace is not sampled.
#
# Seen: a header without Parent is no context for OpenTelemetry's propagator. The trace gets an identifier of its own, and is sampled as this service
# samples, whatever the header said. With the X-Ray SDK the same service has the load balancer's.
#   Root=1-5b8efff7-98038103d269b633813fc60c            -> OpenTelemetry: another trace, sampled;  X-Ray SDK: this one
#   Root=1-5b8efff7-98038103d269b633813fc60c;Sampled=0  -> OpenTelemetry: another trace, sampled;  X-Ray SDK: not sampled
#   Root=…;Parent=eee19b7ec3c1b174;Sampled=1            -> both: this one
#
# Why it matters: after a move from the X-Ray SDK to OpenTelemetry nothing of the load balancer's log can be found in the traces, and two services
# behind it that are called by one header have two traces. A server has to keep Root as an attribute, or to take it for the trace itself.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.1 opentelemetry-propagator-aws-xray==1.0.2 \
    opentelemetry-instrumentation-flask==0.66b1 aws-xray-sdk==2.15.0 Flask==3.1.3 Werkzeug==3.1.9
cat > "$work/probe.py" <<'PYTHON'
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.sampling.local.sampler import LocalSampler
from aws_xray_sdk.ext.flask.middleware import XRayMiddleware
from flask import Flask
from opentelemetry import trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.propagate import set_global_textmap
from opentelemetry.propagators.aws import AwsXRayPropagator
from opentelemetry.sdk.trace import TracerProvider

ROOT = "1-5b8efff7-98038103d269b633813fc60c"


class Silent:
    """Sends segments nowhere."""

    def send_entity(self, _):
        pass

    def set_daemon_address(self, _):
        pass


set_global_textmap(AwsXRayPropagator())
with_otel = Flask("otel")
FlaskInstrumentor().instrument_app(with_otel, tracer_provider=TracerProvider())
always = LocalSampler({"version": 2, "rules": [], "default": {"fixed_target": 0, "rate": 1}})
xray_recorder.configure(service="probe", emitter=Silent(), sampler=always)
with_xray = Flask("xray")
XRayMiddleware(with_xray, xray_recorder)


@with_otel.get("/")
def otel():
    context = trace.get_current_span().get_span_context()
    identifier = f"{context.trace_id:032x}"
    return {"root": f"1-{identifier[:8]}-{identifier[8:]}", "sampled": context.trace_flags.sampled}


@with_xray.get("/")
def xray():
    segment = xray_recorder.current_segment()
    return {"root": segment.trace_id, "sampled": bool(segment.sampled)}


for header, expected in (
    (f"Root={ROOT}", {"otel": (False, True), "xray": (True, True)}),
    (f"Root={ROOT};Sampled=0", {"otel": (False, True), "xray": (False, False)}),
    (f"Root={ROOT};Parent=eee19b7ec3c1b174;Sampled=1", {"otel": (True, True), "xray": (True, True)}),
):
    seen = {}
    for name, app in (("otel", with_otel), ("xray", with_xray)):
        answer = app.test_client().get("/", headers={"X-Amzn-Trace-Id": header}).json
        seen[name] = answer["root"] == ROOT, answer["sampled"]
    print(header, {name: f"its trace: {same}, sampled: {sampled}" for name, (same, sampled) in seen.items()})
    assert seen == expected
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
