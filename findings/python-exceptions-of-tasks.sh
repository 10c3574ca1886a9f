#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-exceptions 0.66b1 with opentelemetry-sdk 1.45.1.
#
# One would guess: the instrumentation that logs exceptions which nobody caught gives each record the trace in which it was raised, and the type of
# the exception as the name of the event.
#
# Seen: an exception of an asyncio task is logged when the task object goes away, with the trace that is current there. A task that a cache or a list
# held has the trace of the request that dropped it; one that nobody held has none, and so has an exception of a thread. The event is named by
# asyncio's sentence for tasks, by the type for threads and the main program. What a thread pool's job raises is not logged at all.
#   task of request first, dropped by request second -> trace of second, event "Task exception was never retrieved"
#   task of request first, held by nobody -> no trace
#   thread started in a span -> no trace, event "KeyError"
#   ThreadPoolExecutor.submit -> no record
#
# Why it matters: the error stands in the trace of a request that is fine, and the one that failed has none. Who counts by event name has one name for
# all errors of tasks.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-exceptions==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import concurrent.futures
import gc
import sys
import threading

from opentelemetry.instrumentation.exceptions import UnhandledExceptionInstrumentor
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider

exporter = InMemoryLogRecordExporter()
provider = LoggerProvider(shutdown_on_exit=False)
provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
tracer = TracerProvider(shutdown_on_exit=False).get_tracer("probe")
UnhandledExceptionInstrumentor().instrument(logger_provider=provider)
traces, held = {}, {}


def records():
    """Returns event name and trace of the records since the last call."""
    names = {trace: name for name, trace in traces.items()}
    found = [(one.log_record.event_name, names.get(one.log_record.trace_id)) for one in exporter.get_finished_logs()]
    exporter.clear()
    return found


def fails():
    raise KeyError("stock")


async def fails_later():
    await asyncio.sleep(0)
    fails()


async def request(name, keep=None):
    with tracer.start_as_current_span(name) as span:
        traces[name] = span.get_span_context().trace_id
        if keep is None:
            held.clear()
            gc.collect()
        else:
            task = asyncio.create_task(fails_later())
            if keep:
                held["task"] = task
            del task
            await asyncio.sleep(0.1)


async def main():
    await request("first", keep=True)
    await request("second")
    dropped = records()
    await asyncio.gather(request("third", keep=False))
    gc.collect()
    return dropped, records()


dropped, forgotten = asyncio.run(main())
with tracer.start_as_current_span("thread") as span:
    traces["thread"] = span.get_span_context().trace_id
    thread = threading.Thread(target=fails)
    thread.start()
    thread.join()
threads = records()
with concurrent.futures.ThreadPoolExecutor() as pool:
    pool.submit(fails)
pooled = records()
# What Python does with an exception that ends the main program.
try:
    fails()
except KeyError as error:
    sys.excepthook(type(error), error, error.__traceback__)
program = records()
print("held and dropped:", dropped)
print("held by nobody:", forgotten)
print("thread:", threads, "pool:", pooled, "main program:", program)
sentence = "Task exception was never retrieved"
assert dropped == [(sentence, "second")] and forgotten == [(sentence, None)], (dropped, forgotten)
assert threads == program == [("KeyError", None)] and pooled == [], (threads, pooled, program)
PYTHON
# The exceptions are written to the standard error as well: it is shown only if it has more to say.
timeout 60 "$work/venv/bin/python" "$work/probe.py" 2> "$work/errors" || { status=$?; cat "$work/errors" >&2; exit "$status"; }
