#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-remoulade 0.66b1 with opentelemetry-sdk 1.45.1, remoulade 3.5.2.
#
# One would guess: an actor that raises has a span with the status ERROR, as a task of Celery has, and its retry is in the same trace, since the
# message carries the context.
#
# Seen: a failed message has a span without a status and without an exception. The retry is a trace of its own: the message is put back when its delay
# is over, by a thread of the worker without a span, and that overwrites the context which the message had. The span of the first putting back is in
# the old trace and has no child.
#   raises, no retries: remoulade/process UNSET, no event
#   raises, one retry: remoulade/process in the caller's trace, remoulade/process(retry-1) in another
#
# Why it matters: error rates from spans are zero, and a request whose work succeeded at the second attempt looks as if the work had ended with the
# first. What happened later hangs on a root that nobody connects with it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-remoulade==0.66b1 remoulade==3.5.2
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import logging
import time

import remoulade
from opentelemetry import trace
from opentelemetry.instrumentation.remoulade import RemouladeInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from remoulade import Worker
from remoulade.brokers.stub import StubBroker

logging.disable(logging.CRITICAL)
exporter = InMemorySpanExporter()
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("probe")
RemouladeInstrumentor().instrument()
broker = StubBroker()
remoulade.set_broker(broker)


@remoulade.actor(max_retries=0)
def once():
    raise ValueError("no stock")


@remoulade.actor(max_retries=1, min_backoff=10, max_backoff=20)
def twice():
    raise ValueError("no stock")


broker.declare_actor(once)
broker.declare_actor(twice)
worker = Worker(broker, worker_timeout=100, worker_threads=1)
worker.start()


def processed(actor, count):
    """Returns the spans of processing a message, and whether each is in the caller's trace."""
    exporter.clear()
    with tracer.start_as_current_span("caller") as caller:
        actor.send()
    deadline = time.monotonic() + 20
    while True:
        spans = [span for span in exporter.get_finished_spans() if span.name.startswith("remoulade/process")]
        if len(spans) == count:
            break
        assert time.monotonic() < deadline, spans
        time.sleep(0.05)
    same = caller.get_span_context().trace_id
    return [(span.name, span.status.status_code.name, len(span.events), span.context.trace_id == same) for span in spans]


single, repeated = processed(once, 1), processed(twice, 2)
worker.stop()
broker.close()
print(single, repeated, sep="\n")
assert single == [("remoulade/process", "UNSET", 0, True)], single
assert repeated == [("remoulade/process", "UNSET", 0, True), ("remoulade/process(retry-1)", "UNSET", 0, False)], repeated
PYTHON
