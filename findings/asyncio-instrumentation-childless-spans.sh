#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-asyncio 0.66b1 with opentelemetry-sdk 1.45.1; Python 3.11.
#
# One would guess: the span that the instrumentation makes for a coroutine in a task, or for a function in to_thread(), is the parent of what happens
# in there, as a span of any other instrumentation is.
#
# Seen: it is started and never made current. Spans from within are its siblings, below whatever was current outside; log records from within have the
# outer span, too.
#   create_task(work()): "asyncio coro-work" below outer, "inner" below outer
#   to_thread(function): "asyncio to_thread-function" below outer, "inner" below outer
#   without an outer span: "asyncio coro-work" and "inner" are roots of two traces
#
# Why it matters: of ten tasks at once, each with a span and its queries, the trace shows ten and ten side by side, and no way to tell whose query was
# slow. Background tasks, the usual reason to switch it on, become two traces each, and twice the number of roots to sample.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-asyncio==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import os

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

os.environ["OTEL_PYTHON_ASYNCIO_COROUTINE_NAMES_TO_TRACE"] = "work"
os.environ["OTEL_PYTHON_ASYNCIO_TO_THREAD_FUNCTION_NAMES_TO_TRACE"] = "function"
from opentelemetry.instrumentation.asyncio import AsyncioInstrumentor  # noqa: E402  it reads the variables when it is made

exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
AsyncioInstrumentor().instrument(tracer_provider=provider)
tracer = provider.get_tracer("probe")


async def work():
    with tracer.start_as_current_span("inner"):
        await asyncio.sleep(0.01)


def function():
    with tracer.start_as_current_span("inner"):
        pass


async def below(make, outer):
    """Runs something, and returns the names of its spans with those of their parents, and the number of traces."""
    exporter.clear()
    if outer:
        with tracer.start_as_current_span("outer"):
            await make()
    else:
        await make()
    spans = exporter.get_finished_spans()
    names = {span.context.span_id: span.name for span in spans}
    parents = {span.name: names[span.parent.span_id] if span.parent else None for span in spans if span.name != "outer"}
    return parents, len({span.context.trace_id for span in spans})


async def main():
    return [
        await below(lambda: asyncio.create_task(work()), True),
        await below(lambda: asyncio.to_thread(function), True),
        await below(lambda: asyncio.create_task(work()), False),
    ]


seen = asyncio.run(main())
print(*seen, sep="\n")
assert seen == [
    ({"asyncio coro-work": "outer", "inner": "outer"}, 1),
    ({"asyncio to_thread-function": "outer", "inner": "outer"}, 1),
    ({"asyncio coro-work": None, "inner": None}, 2),
]
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
