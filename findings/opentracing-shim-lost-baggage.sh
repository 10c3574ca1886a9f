#!/usr/bin/env bash
# Packages: PyPI opentelemetry-opentracing-shim 0.66b1 with opentelemetry-sdk 1.45.1, opentracing 2.4.0.
#
# One would guess: code that was written for OpenTracing goes on working behind the shim: a baggage item of a span is in its children and in the
# headers, and start_active_span(ignore_active_span=True) begins a new trace, as the shim's documentation says.
#
# Seen: a baggage item stays in the one span object that it was set on. Its child does not have it, inject() writes no baggage header, and extract()
# reads none, though the propagator in use does both. start_active_span() looks for the active span before it looks at ignore_active_span, and makes
# it the parent; start_span() begins the trace that was asked for.
#   item tenant of the outer span: child None, headers traceparent alone
#   from headers with baggage: {}
#   ignore_active_span: start_active_span has the active span as parent, start_span none
#
# Why it matters: the shim is there to move a program over in steps. Tenants and test marks in baggage end at the first service that moved, and jobs
# that were made roots for good reason (a scheduler, a loop over messages) become part of one trace without an end.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-opentracing-shim==0.66b1 opentracing==2.4.0
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
from opentelemetry import baggage, propagate, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.shim.opentracing_shim import create_tracer
from opentracing import Format

trace.set_tracer_provider(TracerProvider())
tracer = create_tracer(trace.get_tracer_provider())
with tracer.start_active_span("outer") as outer:
    outer.span.set_baggage_item("tenant", "acme")
    assert outer.span.get_baggage_item("tenant") == "acme"
    headers = {}
    tracer.inject(outer.span.context, Format.HTTP_HEADERS, headers)
    with tracer.start_active_span("inner") as inner:
        item = inner.span.get_baggage_item("tenant")
    with tracer.start_active_span("job", ignore_active_span=True) as job:
        active_parent = job.span.unwrap().parent
    started = tracer.start_span("job", ignore_active_span=True)
    started_parent = started.unwrap().parent
    started.finish()
    outer_span = outer.span.unwrap().get_span_context()

incoming = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "baggage": "tenant=acme"}
assert dict(baggage.get_all(propagate.extract(incoming))) == {"tenant": "acme"}
extracted = dict(tracer.extract(Format.HTTP_HEADERS, incoming).baggage)
print(f"child: {item}, headers: {sorted(headers)}, extracted: {extracted}")
assert item is None and set(headers) == {"traceparent"} and extracted == {}
print(f"start_active_span: {'the active span' if active_parent else None}, start_span: {started_parent}")
assert active_parent.span_id == outer_span.span_id and started_parent is None
PYTHON
