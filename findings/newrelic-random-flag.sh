#!/usr/bin/env bash
# Packages: PyPI newrelic 14.1.0; opentelemetry-sdk 1.45.1 as the caller.
#
# One would guess: New Relic's agent, which speaks W3C's trace context, continues a trace whose traceparent has the flags 03 (sampled, random
# identifier) as one with 01: a receiver looks at the bits that it knows. What the caller did not sample (00) stays so.
#
# Seen: the flags are read as a binary number, so 02 and 03 are an error, the header is refused, and a new trace begins; tracestate is dropped with
# it. Nothing is logged; only the answer of the call (and a metric of the agent's own) says so. 00 and 01 continue the trace, and both are sampled by
# the agent's own rule.
#   traceparent …-00: the caller's trace, goes on as 01;  …-01: the caller's trace, 01
#   traceparent …-02, …-03: a new trace, the caller's tracestate is gone
#   OpenTelemetry's SDK: sends …-03 for a sampled trace, …-02 for another
#
# Why it matters: an upgrade of OpenTelemetry's SDK in the caller, which began to set that flag, cuts each trace in front of New Relic's agent. Both
# sides show whole traces of their own, and no error. Until the agent knows the flag, a proxy has to rewrite it, or the
# sender's generator of identifiers must not claim the flag.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check newrelic==14.1.0 opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
# In developer mode the agent connects to nothing.
cat > "$work/newrelic.ini" <<'INI'
[newrelic]
license_key = 0000000000000000000000000000000000000000
app_name = probe
developer_mode = true
distributed_tracing.enabled = true
INI
cat > "$work/probe.py" <<'PYTHON'
import sys

import newrelic.agent as agent
from opentelemetry import propagate
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON

agent.initialize(f"{sys.argv[1]}/newrelic.ini", log_file=f"{sys.argv[1]}/log")
application = agent.register_application(timeout=20)
identifier = "0af7651916cd43dd8448eb211c80319c"


def outcome(headers):
    with agent.BackgroundTask(application, "serve"):
        accepted, sent = agent.accept_distributed_trace_headers(headers, transport_type="HTTP"), []
        agent.insert_distributed_trace_headers(sent)
    sent = dict(sent)
    _, trace_id, _, flags = sent["traceparent"].split("-")
    return accepted, trace_id == headers["traceparent"].split("-")[1], flags, "vendor=1" in sent["tracestate"].split(",")


for flags in ("00", "01", "02", "03"):
    accepted, same, on, vendor = outcome({"traceparent": f"00-{identifier}-b7ad6b7169203331-{flags}", "tracestate": "vendor=1"})
    print(f"…-{flags}: accepted {accepted}, same trace {same}, on as {on}, foreign tracestate {vendor}")
    if flags in ("00", "01"):
        assert (accepted, same, on, vendor) == (True, True, "01", True)
    else:
        assert (accepted, same, vendor) == (False, False, False)
for sampler, flags in ((ALWAYS_OFF, "02"), (ALWAYS_ON, "03")):
    with TracerProvider(sampler=sampler, shutdown_on_exit=False).get_tracer("caller").start_as_current_span("call"):
        headers = {}
        propagate.inject(headers)
    assert headers["traceparent"].endswith(f"-{flags}"), headers
    accepted, same, *_ = outcome(headers)
    print(f"OpenTelemetry's SDK, …-{flags}: accepted {accepted}, same trace {same}")
    assert not accepted and not same
log = open(f"{sys.argv[1]}/log").read()
assert "traceparent" not in log.lower() and "ERROR" not in log, log
PYTHON
cd "$work"
timeout 90 "$work/venv/bin/python" "$work/probe.py" "$work"
