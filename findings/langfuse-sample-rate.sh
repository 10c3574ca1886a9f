#!/usr/bin/env bash
# Packages: PyPI langfuse 5.0.4 with opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http 1.45.1.
#
# One would guess: Langfuse's sample_rate (LANGFUSE_SAMPLE_RATE) decides about what Langfuse sends. The program's own telemetry is left alone:
# whichever is set up first, its TracerProvider keeps its sampler and its exporters.
#
# Seen: it depends on the order. With the program's provider there first, the rate is ignored without a word, and all is sent. With Langfuse first its
# provider becomes the global one, for the whole process: its sampler decides about the program's spans too, without regard to the caller's decision,
# and the program's own provider is refused with a warning, so its exporter gets nothing.
#   program first, sample_rate 0.02, 500 requests: program's exporter 500 requests, Langfuse 500 generations
#   Langfuse first, the same: program's exporter nothing, Langfuse about 10 generations
#   Langfuse first, a request whose traceparent says sampled: not sampled, for most identifiers
#   Langfuse first, with a tracer_provider of its own that has the sampler: program's exporter 500 requests, Langfuse about 10 generations
#
# Why it matters: a client that is made in an imported module is first. Then requests, queries and errors of the service are in no backend but for the
# parts that have to do with models, and traces of callers have holes. Give it a provider of its own, as the script shows.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check langfuse==5.0.4 opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-exporter-otlp-proto-http==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import logging
import sys

from langfuse import Langfuse
from opentelemetry import propagate, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

lines = []


class Lines(logging.Handler):
    def emit(self, record):
        lines.append(record.getMessage())


logging.getLogger("langfuse").addHandler(Lines())
logging.getLogger("opentelemetry").addHandler(Lines())
own, langfuse = InMemorySpanExporter(), InMemorySpanExporter()


def set_up_program():
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(own))
    trace.set_tracer_provider(provider)


def set_up_langfuse(**options):
    return Langfuse(public_key="pk", secret_key="sk", base_url="http://127.0.0.1:9", span_exporter=langfuse, **options)


if sys.argv[1] == "apart":
    client = set_up_langfuse(tracer_provider=TracerProvider(sampler=TraceIdRatioBased(0.02)))
    set_up_program()
elif sys.argv[1] == "program":
    set_up_program()
    client = set_up_langfuse(sample_rate=0.02)
else:
    client = set_up_langfuse(sample_rate=0.02)
    set_up_program()
tracer = trace.get_tracer("service")
for _ in range(500):
    with tracer.start_as_current_span("GET /answer", kind=trace.SpanKind.SERVER):
        with client.start_as_current_observation(name="generation", as_type="generation"):
            pass
client.flush()
requests = [span for span in own.get_finished_spans() if span.name == "GET /answer"]
generations = [span for span in langfuse.get_finished_spans() if span.name == "generation"]
caller = {"traceparent": "00-ffffffffffffffffffffffffffffffff-b7ad6b7169203331-01"}
with tracer.start_as_current_span("GET /answer", context=propagate.extract(caller)) as span:
    sampled = span.get_span_context().trace_flags.sampled
print(f"{sys.argv[1]} first: requests {len(requests)}, generations {len(generations)}, sampled caller sampled {sampled}, log {lines}")
if sys.argv[1] == "program":
    assert (len(requests), len(generations), sampled, lines) == (500, 500, True, [])
elif sys.argv[1] == "apart":
    assert len(requests) == 500 and 0 < len(generations) < 50 and sampled and lines == []
else:
    assert len(requests) == 0 and 0 < len(generations) < 50 and not sampled
    assert lines == ["Overriding of current TracerProvider is not allowed"], lines
PYTHON
for first in program langfuse apart; do env -i PATH="$PATH" HOME="$work" timeout 60 "$work/venv/bin/python" "$work/probe.py" "$first"; done
