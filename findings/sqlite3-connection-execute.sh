#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-sqlite3 0.66b1 with opentelemetry-sdk 1.45.1; sqlite3 of Python 3.
#
# One would guess: statements of an instrumented connection have spans whichever way they are run. Connection.execute is, as Python's documentation
# says, a shortcut that makes a cursor and calls its execute.
#
# Seen: the shortcuts of the connection have no span, nor have executescript and commit; nor has what is run on the object that an instrumented
# execute returned, since that is the plain cursor.
#   cursor.execute: 1 span; connection.execute: 0; connection.executemany: 0; cursor.executescript: 0; commit: 0
#   cursor.execute(…).execute(…): 1 span for two statements
#
# Why it matters: with sqlite3 the shortcut is the usual way, so a service looks as if it had no database, and a slow INSERT or a commit that waits
# for a lock is a gap in the trace of its request. Use cursors, and look for the spans before relying on their absence.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-sqlite3==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import sqlite3

from opentelemetry.instrumentation.sqlite3 import SQLite3Instrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
tracers = TracerProvider()
tracers.add_span_processor(SimpleSpanProcessor(memory))
SQLite3Instrumentor().instrument(tracer_provider=tracers)
connection = sqlite3.connect(":memory:")
rows = [(1,), (2,)]
ways = {
    "connection.execute": lambda: connection.execute("CREATE TABLE t (a)"),
    "connection.executemany": lambda: connection.executemany("INSERT INTO t VALUES (?)", rows),
    "connection.executescript": lambda: connection.executescript("INSERT INTO t VALUES (3);"),
    "cursor.execute": lambda: connection.cursor().execute("INSERT INTO t VALUES (4)"),
    "cursor.executemany": lambda: connection.cursor().executemany("INSERT INTO t VALUES (?)", rows),
    "cursor.executescript": lambda: connection.cursor().executescript("INSERT INTO t VALUES (5);"),
    "cursor.execute(…).execute(…)": lambda: connection.cursor().execute("INSERT INTO t VALUES (6)").execute("INSERT INTO t VALUES (7)"),
    "commit": lambda: connection.commit(),
}
seen = {}
for title, way in ways.items():
    memory.clear()
    way()
    seen[title] = len(memory.get_finished_spans())
    print(f"{title}: {seen[title]}")
assert sorted(row[0] for row in connection.cursor().execute("SELECT a FROM t")) == [1, 1, 2, 2, 3, 4, 5, 6, 7]
assert {title: count for title, count in seen.items() if count} == {
    "cursor.execute": 1, "cursor.executemany": 1, "cursor.execute(…).execute(…)": 1,
}, seen
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
