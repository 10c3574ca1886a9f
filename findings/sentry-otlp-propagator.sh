#!/usr/bin/env bash
# Packages: PyPI sentry-sdk 2.75.0 with opentelemetry-sdk 1.45.1, opentelemetry-exporter-otlp-proto-http 1.45.1.
#
# One would guess: Sentry's integration for OTLP adds its headers to those of the propagators that are configured already, so that a service
# goes on to continue W3C traces, and what it did not sample stays unsampled.
#
# Seen: it replaces the global propagator, also one that the program has set. traceparent and tracestate are neither read nor written, W3C
# baggage is dropped unless it comes with sentry-trace, and then its foreign entries are. A sentry-trace that says "not sampled" is sampled.
#   before: traceparent, baggage -> the same trace, {'traceparent': …, 'baggage': 'tenant=acme'}
#   after: traceparent, baggage -> a new trace, {'sentry-trace': …}
#   after: sentry-trace …-0, baggage -> the same trace, {'sentry-trace': …-1, 'baggage': 'sentry-release=2'}
#
# Why it matters: one service that adds this integration cuts every trace that passes through it, and its neighbours see no error. Pass
# setup_propagator=False, and set CompositePropagator([SentryOTLPPropagator(), TraceContextTextMapPropagator(), W3CBaggagePropagator()]),
# which the script shows to keep both.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check sentry-sdk==2.75.0 opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-exporter-otlp-proto-http==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import sentry_sdk
from opentelemetry import context, propagate, trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from sentry_sdk.integrations.otlp import OTLPIntegration, SentryOTLPPropagator

trace.set_tracer_provider(TracerProvider())
propagate.set_global_textmap(CompositePropagator([TraceContextTextMapPropagator(), W3CBaggagePropagator()]))
trace_id, span_id = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
w3c = {"traceparent": f"00-{trace_id}-{span_id}-01", "baggage": "tenant=acme"}
sentry = {"sentry-trace": f"{trace_id}-{span_id}-0", "baggage": "tenant=acme,sentry-release=2"}


def hop(headers):
    """Continues a trace, and returns the headers of a call from within."""
    token = context.attach(propagate.extract(headers))
    with trace.get_tracer("probe").start_as_current_span("work"):
        sent = {}
        propagate.inject(sent)
    context.detach(token)
    return sent


def show(when, headers, sent):
    parent = sent.get("traceparent", sent.get("sentry-trace"))
    same = trace_id in parent
    print(f"{when}: {', '.join(headers)} -> {'the same' if same else 'a new'} trace, {sent}")
    return same, set(sent), sent.get("baggage")



before = show("before", w3c, hop(w3c))
sentry_sdk.init(
    dsn="http://key@127.0.0.1:9/1",
    integrations=[OTLPIntegration(setup_otlp_traces_exporter=False)],
    default_integrations=False,
    transport=lambda envelope: None,
)
after = show("after", w3c, hop(w3c))
own = hop(sentry)
continued = show("after", sentry, own)
w3c_propagators = [TraceContextTextMapPropagator(), W3CBaggagePropagator()]
propagate.set_global_textmap(CompositePropagator([SentryOTLPPropagator(), *w3c_propagators]))
together = show("together", w3c, hop(w3c)), show("together", sentry, hop(sentry))
assert before == (True, {"traceparent", "baggage"}, "tenant=acme")
assert after == (False, {"sentry-trace"}, None)
assert continued == (True, {"sentry-trace", "baggage"}, "sentry-release=2")
assert own["sentry-trace"].endswith("-1")
assert together[0] == (True, {"traceparent", "baggage", "sentry-trace"}, "tenant=acme")
assert together[1] == (True, {"traceparent", "baggage", "sentry-trace"}, "tenant=acme,sentry-release=2")
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
