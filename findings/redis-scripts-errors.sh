#!/usr/bin/env bash
# Packages: Debian 12 redis-tools 5:7.0.15-1~deb12u10 (which holds the server; with its libraries, unpacked, not installed), PyPI
# opentelemetry-instrumentation-redis 0.66b1 with opentelemetry-sdk 1.45.1, redis 8.1.0.
#
# One would guess: a lock that is taken and given back without trouble has spans without errors, and a transaction that is refused, for which the
# program gets an exception, has one.
#
# Seen: the other way round. The client sends the hash of its script and looks whether the server knows it; for each script that it does not (after
# each start of a server, a failover, SCRIPT FLUSH) there is a span with the status ERROR, an exception with its stack trace, then SCRIPT LOAD, then
# the same call again. A lock does it when it is given back. A transaction whose watched key was changed has a span without a status, although
# execute() raises WatchError. So has a pipeline with a failed command, if the program looks at the errors itself.
#   lock, first time: SET, EVALSHA ERROR (NoScriptError), SCRIPT LOAD, EVALSHA
#   lock, second time: SET, EVALSHA
#   WatchError: SET UNSET
#   execute(raise_on_error=False) with a WRONGTYPE inside: UNSET
#
# Why it matters: after a failover the error rate of Redis spans shows a peak that is none, one from each client and script, and tail samplers keep
# those traces. Lost races, which are what one wants to count, are in none.
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
import sys
import time

from opentelemetry import trace
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
RedisInstrumentor().instrument()
import redis  # noqa: E402  after the instrumentation

client = redis.Redis(port=int(sys.argv[1]))
for _ in range(200):
    try:
        client.ping()
        break
    except redis.ConnectionError:
        time.sleep(0.1)


def spans():
    """Returns name, status and exceptions of the spans since the last call."""
    finished = exporter.get_finished_spans()
    found = [(span.name, span.status.status_code.name, [e.attributes["exception.type"] for e in span.events]) for span in finished]
    exporter.clear()
    return found


def locked():
    with client.lock("stock", timeout=5):
        pass
    return spans()


spans()
first, second = locked(), locked()
print(first, second, sep="\n")
failed = ("EVALSHA", "ERROR", ["redis.exceptions.NoScriptError"])
assert first == [("SET", "UNSET", []), failed, ("SCRIPT LOAD", "UNSET", []), ("EVALSHA", "UNSET", [])], first
assert second == [("SET", "UNSET", []), ("EVALSHA", "UNSET", [])], second
client.script_flush()
spans()
assert locked() == first
transaction = client.pipeline()
transaction.watch("stock")
transaction.multi()
transaction.set("stock", 6)
client.set("stock", 7)
spans()
try:
    transaction.execute()
    raise SystemExit("executed")
except redis.WatchError:
    refused = spans()
print("WatchError:", refused)
assert refused == [("SET", "UNSET", [])], refused
answers = client.pipeline().set("text", "a").lpush("text", "b").execute(raise_on_error=False)
looked_at = spans()
print("answers:", answers, looked_at)
assert isinstance(answers[1], redis.ResponseError) and looked_at == [("SET LPUSH", "UNSET", [])], looked_at
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "$port"
