#!/usr/bin/env bash
# Packages: PyPI redis 8.1.0, opentelemetry-instrumentation-redis 0.66b1 with opentelemetry-sdk 1.45.1; Debian 12 redis-tools 5:7.0.15-1~deb12u10
# (which holds the server; with its libraries, unpacked, not installed).
#
# One would guess: a command that was sent, and whose connection then breaks or whose answer does not come within socket_timeout, raises an error:
# whether the server has run it cannot be known, so what is not idempotent is not repeated unless that was asked for.
#
# Seen: without any setting the client connects anew and sends it again, up to ten times. The caller gets the answer of the last one, no error, and
# the span is one, without a status or a sign of the attempts.
#   incr("orders"), connection breaks before the answer: returns 2, span UNSET, 1 span
#   xadd("jobs", …), answer comes late once: returns an identifier, 2 entries in the stream
#   Redis(retry=Retry(NoBackoff(), 0)), incr: ConnectionError, the counter is 1
#
# Why it matters: each restart of a proxy and each pause of the network doubles some of the counts, stream entries, published messages and jobs, and
# neither logs nor traces show it. Give Retry(…, 0) to clients that write what must not be doubled, or make the writes idempotent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download redis-tools=5:7.0.15-1~deb12u10 libjemalloc2=5.3.0-1 liblzf1=3.6-3 \
    libatomic1=12.2.0-14+deb12u1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
ln -s "$work/root/usr/bin/redis-check-rdb" "$work/redis-server"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check redis==8.1.0 opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-redis==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import os
import socket
import subprocess
import sys
import threading
import time

import redis
from opentelemetry.instrumentation.redis import RedisInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from redis.backoff import NoBackoff
from redis.retry import Retry

root, work = sys.argv[1:]
exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
fault = None  # what becomes of the next answer


def pump(source, target, answers):
    """Passes bytes on; one answer is late, or ends its connection, if there is to be a fault."""
    global fault
    try:
        while data := source.recv(65536):
            if answers and fault:
                kind, fault = fault, None
                if kind == "break":
                    source.close()
                    target.shutdown(socket.SHUT_RDWR)
                    return
                time.sleep(2)
            target.sendall(data)
    except OSError:
        pass


def relay():
    while True:
        client, _ = relayed.accept()
        server = socket.create_connection(("127.0.0.1", port))
        for arguments in ((client, server, False), (server, client, True)):
            threading.Thread(target=pump, args=arguments, daemon=True).start()


relayed = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=relay, daemon=True).start()
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
environment = {**os.environ, "LD_LIBRARY_PATH": f"{root}/usr/lib/x86_64-linux-gnu"}
command = [f"{work}/redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", work]
with open(f"{work}/log", "w") as log:
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
deadline = time.monotonic() + 40
try:
    direct = redis.Redis("127.0.0.1", port)
    while True:
        try:
            direct.ping()
            break
        except redis.ConnectionError:
            assert time.monotonic() < deadline and server.poll() is None, open(f"{work}/log").read()
            time.sleep(0.1)
    RedisInstrumentor().instrument(tracer_provider=provider)

    def called(kind, call, **options):
        """Makes a call whose first answer does not arrive, and returns its result and the status of its spans."""
        global fault
        client = redis.Redis("127.0.0.1", relayed.getsockname()[1], socket_timeout=1, **options)
        client.ping()
        exporter.clear()
        fault = kind
        try:
            result = call(client)
        except redis.ConnectionError as error:
            result = type(error).__name__
        return result, [span.status.status_code.name for span in exporter.get_finished_spans()]

    broken = called("break", lambda client: client.incr("orders"))
    late = called("late", lambda client: client.xadd("jobs", {"id": 1}))
    once = called("break", lambda client: client.incr("once"), retry=Retry(NoBackoff(), 0))
    RedisInstrumentor().uninstrument()
    entries, counter = direct.xlen("jobs"), int(direct.get("once"))
finally:
    server.terminate()
    server.wait(20)
print(f"incr, connection breaks: {broken}; xadd, late answer: {late}, {entries} entries; without retries: {once}, counter {counter}")
assert broken == (2, ["UNSET"])
assert late[1] == ["UNSET"] and entries == 2
assert once == ("ConnectionError", ["ERROR"]) and counter == 1
PYTHON
timeout 100 "$work/venv/bin/python" "$work/probe.py" "$work/root" "$work"
