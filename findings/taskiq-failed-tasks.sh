#!/usr/bin/env bash
# Packages: PyPI taskiq 0.13.0 with its OpenTelemetryMiddleware, psutil 7.2.2, opentelemetry-sdk 1.45.1.
#
# One would guess: an attempt that is repeated is no error, the last one that fails is; and a task that cannot be sent, since the broker is away, has
# a span that says so.
#
# Seen: of a task with retry_on_error no attempt is an error, neither in the middle nor the last, after which nobody tries again. Nor has one an
# exception event; the text is in an attribute of the retry. Without retries the span is an error. A task that could not be sent has a producer span
# without a status, as if it had been sent.
#   no retries: ERROR, exception
#   two attempts, both fail: UNSET, UNSET, no event
#   broker away, SendTaskError in the program: send span UNSET
#
# Why it matters: tasks that matter have retries, so those that are lost for good are never errors in the traces. task_errors counts each attempt with
# retry_error=true, the last one as well.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    taskiq==0.13.0 psutil==7.2.2
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import asyncio
import logging

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from taskiq import InMemoryBroker, SimpleRetryMiddleware
from taskiq.exceptions import SendTaskError
from taskiq.middlewares.opentelemetry_middleware import OpenTelemetryMiddleware

logging.disable(logging.CRITICAL)
exporter = InMemorySpanExporter()
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("probe")


class Broker(InMemoryBroker):
    """A broker that can be away."""

    away = False

    async def kick(self, message):
        if self.away:
            raise ConnectionError("refused")
        await super().kick(message)


broker = Broker().with_middlewares(OpenTelemetryMiddleware(), SimpleRetryMiddleware(default_retry_count=2))
attempts = []


@broker.task(task_name="once")
async def once():
    raise ValueError("no stock")


@broker.task(task_name="twice", retry_on_error=True)
async def twice():
    attempts.append(1)
    raise ValueError("no stock")


def seen(prefix):
    """Returns status and events of the spans of this kind since the last call."""
    spans = [span for span in exporter.get_finished_spans() if span.name.startswith(prefix)]
    exporter.clear()
    return [(span.status.status_code.name, [event.name for event in span.events]) for span in spans]


async def main():
    await broker.startup()
    await (await once.kiq()).wait_result(timeout=10)
    single = seen("execute/")
    print("no retries:", single)
    assert single == [("ERROR", ["exception"])], single
    await twice.kiq()
    for _ in range(100):
        if len([span for span in exporter.get_finished_spans() if span.name.startswith("execute/")]) == 2:
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    repeated = seen("execute/")
    print(f"{len(attempts)} attempts:", repeated)
    assert len(attempts) == 2 and repeated == [("UNSET", []), ("UNSET", [])], repeated
    broker.away = True
    try:
        await once.kiq()
        raise SystemExit("sent")
    except SendTaskError:
        pass
    unsent = seen("send/")
    print("not sent:", unsent)
    assert unsent == [("UNSET", [])], unsent
    broker.away = False
    await broker.shutdown()


asyncio.run(main())
PYTHON
