#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-celery 0.66b1 with opentelemetry-sdk 1.45.1, celery 5.7.0 (broker and worker in the process).
#
# One would guess: an exception that a task lists in throws=(…), which Celery has for those that are an outcome and no failure of the task (it logs
# them as INFO, without a traceback), is no error in the span either; and a task that expired before a worker came to it has a span that says so.
#
# Seen: the span of an expected exception has the status ERROR and an exception event, like that of a bug. An expired task has no span of a consumer.
#   bug: consumer span ERROR, exception;  Celery logs ERROR
#   expected: consumer span ERROR, exception;  Celery logs INFO
#   Ignore: consumer span UNSET
#   expired: producer span only
#
# Why it matters: alerts on spans fire for what the authors have declared to be normal, and the log does not show what for; and tasks that were
# dropped for being late, which is what happens when workers are too few, are in no rate of the consumer at all.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 celery==5.7.0 \
    opentelemetry-instrumentation-celery==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import logging
import time

from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.exceptions import Ignore
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
CeleryInstrumentor().instrument(tracer_provider=provider)
application = Celery("probe", broker="memory://", backend="cache+memory://")
application.conf.worker_hijack_root_logger = False
levels = {}


class Levels(logging.Handler):
    def emit(self, record):
        if isinstance(record.args, dict) and "raised" in record.getMessage():
            levels[record.args["name"]] = record.levelname


logging.getLogger("celery.app.trace").addHandler(Levels())
logging.getLogger("celery.app.trace").setLevel(logging.INFO)
logging.getLogger("celery.app.trace").propagate = False


@application.task(name="bug")
def bug():
    raise ValueError("probe")


@application.task(name="expected", throws=(KeyError,))
def expected():
    raise KeyError("sold out")


@application.task(name="ignored")
def ignored():
    raise Ignore


@application.task(name="late")
def late():
    pass


@application.task(name="last")
def last():
    pass


deadline = time.monotonic() + 40
with start_worker(application, perform_ping_check=False, loglevel="info", pool="solo"):
    for task in (bug, expected, ignored):
        task.delay()
    late.apply_async(expires=-1)
    last.delay()
    while not any(span.name == "run/last" for span in exporter.get_finished_spans()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
spans = {span.name: (span.status.status_code.name, [event.name for event in span.events]) for span in exporter.get_finished_spans()}
for name in ("bug", "expected", "ignored", "late"):
    print(f"{name}: produced {f'apply_async/{name}' in spans}, consumed {spans.get(f'run/{name}')}, log {levels.get(name)}")
assert spans["run/bug"] == spans["run/expected"] == ("ERROR", ["exception"]) and spans["run/ignored"] == ("UNSET", [])
assert "apply_async/late" in spans and "run/late" not in spans
assert levels == {"bug": "ERROR", "expected": "INFO"}, levels
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" 2> "$work/errors" || { cat "$work/errors" >&2; exit 1; }
