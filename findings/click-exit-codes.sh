#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-click 0.66b1 with opentelemetry-sdk 1.45.1, click 8.4.2.
#
# One would guess: the span of a command has the exit code that the process ends with, and is an error if that is not 0; each call of a command
# has a span, also one whose options are wrong.
#
# Seen: so it is for Context.exit(3) and for click's own exceptions. A command that ends by sys.exit(3) has process.exit.code 0 and no error, though
# the process ends with 3. A call that fails because an option is wrong or is missing has no span at all.
#   Context.exit(3): exit 3, span ERROR, process.exit.code 3
#   sys.exit(3): exit 3, span UNSET, process.exit.code 0
#   wrong option: exit 2, no span
#
# Why it matters: jobs that report failure in the way of Python are successes in traces, and an alert on spans of a nightly job that was called
# wrongly has nothing to count. Leave by Context.exit or an exception, and watch the status of the process itself.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-click==0.66b1 click==8.4.2
cat > "$work/probe.py" <<'PYTHON'
import sys

import click
from click.testing import CliRunner
from opentelemetry.instrumentation.click import ClickInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
tracers = TracerProvider()
tracers.add_span_processor(SimpleSpanProcessor(memory))
ClickInstrumentor().instrument(tracer_provider=tracers)


@click.command()
@click.option("--way", required=True)
def command(way):
    if way == "context":
        click.get_current_context().exit(3)
    if way == "system":
        sys.exit(3)
    if way == "error":
        raise click.ClickException("no")


seen = {}
for title, arguments in {
    "success": ["--way", "none"], "Context.exit(3)": ["--way", "context"], "sys.exit(3)": ["--way", "system"],
    "ClickException": ["--way", "error"], "wrong option": ["--unknown"], "missing option": [],
}.items():
    memory.clear()
    code = CliRunner().invoke(command, arguments).exit_code
    seen[title] = (code, [(span.status.status_code.name, span.attributes["process.exit.code"]) for span in memory.get_finished_spans()])
    print(f"{title}: exit {code}, spans {seen[title][1]}")
assert seen == {
    "success": (0, [("UNSET", 0)]), "Context.exit(3)": (3, [("ERROR", 3)]), "sys.exit(3)": (3, [("UNSET", 0)]),
    "ClickException": (1, [("ERROR", 1)]), "wrong option": (2, []), "missing option": (2, []),
}, seen
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
