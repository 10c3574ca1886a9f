#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-redis 0.66b1 with opentelemetry-sdk 1.45.1, redis 8.1.0; Debian 12 redis-tools
# 5:7.0.15-1~deb12u10 (which holds the server; with its libraries, unpacked, not installed).
#
# One would guess: OTEL_SEMCONV_STABILITY_OPT_IN=database moves the spans of a database client to the stable conventions for databases: the
# server as server.address, the operation as db.operation.name, the number of the database as db.namespace.
#
# Seen: it renames two attributes, and drops the number of the database without its successor. The server keeps its old names until "http" is
# opted in, too, which has nothing to do with Redis. There is no db.operation.name with either.
#   "": db.redis.database_index db.statement db.system net.peer.name net.peer.port net.transport
#   "database": db.query.text db.system.name net.peer.name net.peer.port net.transport
#   "http": db.redis.database_index db.statement db.system network.transport server.address server.port
#   "database,http": db.query.text db.system.name network.transport server.address server.port
#
# Why it matters: a query for either convention finds half of such a span, and a service that opts in for HTTP changes what its
# database dashboards are made of. Opt in to both together, and take the operation from the name of the span.
set -euo pipefail
work=$(mktemp -d)
server=""
finish() {
    if [ -n "$server" ]; then kill "$server" 2> "$work/null" || true; wait "$server" || true; fi
    rm -rf "$work"
}
trap finish EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download redis-tools=5:7.0.15-1~deb12u10 libjemalloc2=5.3.0-1 liblzf1=3.6-3 \
    libatomic1=12.2.0-14+deb12u1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-redis==0.66b1 redis==8.1.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# The program is a server if it is called so.
ln -s "$work/root/usr/bin/redis-check-rdb" "$work/redis-server"
libraries=$(dirname "$(find "$work/root" -name 'libjemalloc.so.2' | head -1)")
LD_LIBRARY_PATH="$libraries" timeout 120 "$work/redis-server" --port "$port" --bind 127.0.0.1 --save "" --dir "$work" > "$work/log" 2>&1 &
server=$!
cat > "$work/probe.py" <<'PYTHON'
import os
import sys
import time

import redis
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
client = redis.Redis(host="127.0.0.1", port=int(sys.argv[1]), db=3)
for _ in range(200):
    try:
        client.ping()
        break
    except redis.ConnectionError:
        time.sleep(0.1)
RedisInstrumentor().instrument(tracer_provider=provider)
client.set("album:1", "Blue Train")
(span,) = memory.get_finished_spans()
attributes = sorted(name for name in span.attributes if name != "db.redis.args_length")
choice = os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"]
print(f'"{choice}": {" ".join(attributes)}')
old_database, new_database = ["db.redis.database_index", "db.statement", "db.system"], ["db.query.text", "db.system.name"]
old_server, new_server = ["net.peer.name", "net.peer.port", "net.transport"], ["network.transport", "server.address", "server.port"]
expected = {
    "": old_database + old_server,
    "database": new_database + old_server,
    "http": old_database + new_server,
    "database,http": new_database + new_server,
}
assert attributes == expected[choice]
PYTHON
for choice in "" database http database,http; do
    OTEL_SEMCONV_STABILITY_OPT_IN=$choice timeout 60 "$work/venv/bin/python" "$work/probe.py" "$port"
done
