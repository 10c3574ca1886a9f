#!/usr/bin/env bash
# Package: PyPI opentelemetry-sdk 1.45.1.
#
# One would guess: a span that a generator holds open with "with start_as_current_span(…)" is current inside of the generator alone; at most it is
# current for its consumer until the loop is left. If a context cannot be restored in order, the SDK says "Failed to detach context".
#
# Seen: it is current for the consumer, and it does not end with the loop. After a break out of "async for" the rest of the task is below the
# generator's span. A generator that outlives the span it was started in puts that span back when it is closed: from then on each span of the thread
# is a child of a span that has ended long ago, without a word in the log.
#   async for, break, then a span: child of the generator's span
#   generator closed after its caller's span has ended, then a span: child of the caller's ended span; log lines: 0
#   one more, later: child of the caller's ended span
#
# Why it matters: rows or events that are read through a generator, and left early, bind unrelated work of a worker thread into one endless trace,
# whose sampling decision it takes over. Begin such a span without making it current, and end it in "finally".
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import logging

from opentelemetry.sdk.trace import TracerProvider

lines = []


class Lines(logging.Handler):
    def emit(self, record):
        lines.append(record.getMessage())


logging.getLogger().addHandler(Lines())
logging.getLogger().setLevel(logging.DEBUG)
tracer = TracerProvider().get_tracer("probe")


def parent_of_new_span():
    with tracer.start_as_current_span("new") as span:
        return span.parent and span.parent.span_id


async def events():
    with tracer.start_as_current_span("events") as span:
        while True:
            yield span.get_span_context().span_id


async def consume():
    with tracer.start_as_current_span("caller") as caller:
        async for own in events():
            break
        parent = parent_of_new_span()
        return {own: "the generator's span", caller.get_span_context().span_id: "its caller's span"}[parent]


def rows():
    with tracer.start_as_current_span("rows"):
        while True:
            yield 1


left = asyncio.run(consume())
lines.clear()  # The generator is closed with the loop, in another context: of that the SDK tells.
assert parent_of_new_span() is None
with tracer.start_as_current_span("caller") as caller:
    open_rows = rows()
    next(open_rows)
assert caller.end_time and parent_of_new_span() is None
open_rows.close()
ended = caller.get_span_context().span_id
parents = [parent_of_new_span(), parent_of_new_span()]
print("async for, break, then a span: child of", left)
for title, parent in zip(("generator closed after its caller's span has ended, then a span", "one more, later"), parents):
    print(f"{title}: {'child of the ended span' if parent == ended else parent}")
print("log lines:", len(lines))
assert left == "the generator's span" and parents == [ended, ended] and not lines
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
