#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-jinja2 0.66b1 with opentelemetry-sdk 1.45.1, jinja2 3.1.6.
#
# One would guess: rendering a template has a span, whichever way it is rendered, and what the template calls is below it.
#
# Seen: render() has one. generate() and stream(), for large pages, have one that ends before the first part is made: it takes no time, and the
# queries that the template makes are beside it. render_async() and generate_async() have none; only the loading of the template has a span, which
# each use of a cached template has, too.
#   render(): jinja2.render 0.2 s, query below it
#   generate(), stream(): jinja2.render below 0.1 s, query beside it
#   render_async(): jinja2.load alone
#
# Why it matters: the pages that take longest are those that are streamed, and they are the fastest by their spans. An asynchronous application
# (FastAPI, Quart) looks as if it rendered nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-jinja2==0.66b1 jinja2==3.1.6
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import asyncio
import time

import jinja2
from opentelemetry import trace
from opentelemetry.instrumentation.jinja2 import Jinja2Instrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("probe")
Jinja2Instrumentor().instrument()
loader = jinja2.DictLoader({"page": "{% for row in rows() %}{{ row }}{% endfor %}", "plain": "{{ title }}"})


def rows():
    with tracer.start_as_current_span("query"):
        time.sleep(0.2)
    yield "order 7"


def spans(render):
    """Returns the spans by name that a page has which is rendered this way."""
    exporter.clear()
    with tracer.start_as_current_span("request"):
        text = render()
    assert text in ("order 7", "Orders"), text
    return {span.name: span for span in exporter.get_finished_spans()}


template = jinja2.Environment(loader=loader).get_template("page")
ways = {
    "render": lambda: template.render(rows=rows),
    "generate": lambda: "".join(template.generate(rows=rows)),
    "stream": lambda: "".join(template.stream(rows=rows)),
}
for name, render in ways.items():
    seen = spans(render)
    seconds = (seen["jinja2.render"].end_time - seen["jinja2.render"].start_time) / 1e9
    (parent,) = (one.name for one in seen.values() if one.context.span_id == seen["query"].parent.span_id)
    print(f"{name}: {'0.2 s' if seconds >= 0.2 else 'below 0.1 s'}, query below {parent}")
    assert (seconds >= 0.2, parent) == ((True, "jinja2.render") if name == "render" else (False, "request")) and not 0.1 < seconds < 0.2
asynchronous = jinja2.Environment(loader=loader, enable_async=True)
asynchronous.get_template("plain")
seen = set(spans(lambda: asyncio.run(asynchronous.get_template("plain").render_async(title="Orders"))))
print("render_async:", seen - {"request"})
assert seen == {"request", "jinja2.load"}, seen
PYTHON
