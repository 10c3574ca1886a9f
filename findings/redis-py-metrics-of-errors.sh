#!/usr/bin/env bash
# Packages: PyPI redis 8.1.0 (with its own metrics, redis.observability) and opentelemetry-sdk 1.45.1; Debian 12 redis-tools 5:7.0.15-1~deb12u10
# (which holds the server; with its libraries, unpacked, not installed).
#
# One would guess: each command is one value of db.client.operation.duration, with error.type if it failed, as the conventions for databases have it.
# A command that is tried several times is one value, or one for each attempt with the time of that attempt.
#
# Seen: a command that the server refuses has no value there; it is counted in redis.client.errors alone, which does not name the command. A command
# that runs into timeouts has a value for each attempt but the last, each with the time since the first began, so the sum of one call is more than
# it took. The call itself, as it failed in the end, has none. The pool's name is another one in each process.
#   10 LPUSH on a text (WRONGTYPE): no value for LPUSH, redis.client.errors 10 without db.operation.name
#   BLPOP, socket_timeout 0.2 s, 3 retries: 3 values with error.type, of 0.2, 0.4 and 0.6 s, for a call of 0.8 s
#   transaction with a refused command: no value for PIPELINE
#   db.client.connection.pool.name: localhost:6379_ and eight random digits
#
# Why it matters: an error rate from the histogram is 0 when a command always fails, and the more a server hangs, the more operations and seconds
# there seem to be. Series of connections begin anew with each start. Take errors from redis.client.errors, and mind that it counts retries, too, with
# redis.client.errors.internal=true.
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
"$work/venv/bin/pip" install --quiet --disable-pip-version-check redis==8.1.0 opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# The program is a server if it is called so.
ln -s "$work/root/usr/bin/redis-check-rdb" "$work/redis-server"
libraries=$(dirname "$(find "$work/root" -name 'libjemalloc.so.2' | head -1)")
LD_LIBRARY_PATH="$libraries" timeout 120 "$work/redis-server" --port "$port" --bind 127.0.0.1 --save "" --dir "$work" > "$work/log" 2>&1 &
server=$!
cat > "$work/probe.py" <<'PYTHON'
import re
import sys
import time

import redis
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from redis.backoff import NoBackoff
from redis.observability.config import MetricGroup, OTelConfig
from redis.observability.providers import get_observability_instance
from redis.retry import Retry

port = int(sys.argv[1])
deadline = time.monotonic() + 30
while True:
    try:
        redis.Redis(port=port).ping()
        break
    except redis.exceptions.ConnectionError:
        assert time.monotonic() < deadline
        time.sleep(0.1)
reader = InMemoryMetricReader()
metrics.set_meter_provider(MeterProvider([reader], shutdown_on_exit=False))
groups = [MetricGroup.COMMAND, MetricGroup.RESILIENCY, MetricGroup.CONNECTION_BASIC]
get_observability_instance().init(OTelConfig(metric_groups=groups))


def points(name):
    (resource,) = reader.get_metrics_data().resource_metrics
    found = [metric for scope in resource.scope_metrics for metric in scope.metrics if metric.name == name]
    return [point for metric in found for point in metric.data.data_points]


def durations(operation):
    return [point for point in points("db.client.operation.duration") if point.attributes["db.operation.name"] == operation]


client = redis.Redis(port=port)
client.set("text", "a")
refused = 0
for _ in range(10):
    try:
        client.lpush("text", "b")
    except redis.exceptions.ResponseError:
        refused += 1
assert refused == 10
assert [point.count for point in durations("SET")] == [1]
assert durations("LPUSH") == []
(errors,) = points("redis.client.errors")
print("refused:", errors.value, sorted(errors.attributes))
assert errors.value == 10 and "db.operation.name" not in errors.attributes, errors

pipeline = client.pipeline()
pipeline.set("other", "a").lpush("text", "b")
try:
    pipeline.execute()
    raise AssertionError("the transaction has no error")
except redis.exceptions.ResponseError:
    pass
assert not [point for point in points("db.client.operation.duration") if point.attributes["db.operation.name"] not in ("SET",)]

slow = redis.Redis(port=port, socket_timeout=0.2, retry=Retry(NoBackoff(), 3))
began = time.monotonic()
try:
    slow.blpop("nothing", 10)
    raise AssertionError("there is an answer")
except redis.exceptions.TimeoutError:
    took = time.monotonic() - began
values = sorted((point.attributes["redis.client.operation.retry_attempts"], point.sum) for point in durations("BLPOP") for _ in range(point.count))
print(f"BLPOP: took {took:.1f} s, values", [round(value, 1) for _, value in values])
assert [attempt for attempt, _ in values] == [1, 2, 3], values
assert all("error.type" in point.attributes for point in durations("BLPOP"))
assert 0.19 < values[0][1] < values[1][1] < values[2][1] < took and values[1][1] > 0.39 and values[2][1] > 0.59
assert sum(value for _, value in values) > took

names = {point.attributes["db.client.connection.pool.name"] for point in points("db.client.connection.count")}
print("pools:", sorted(names))
assert all(re.fullmatch(rf"localhost:{port}_[0-9a-f]{{8}}", name) for name in names) and len(names) == 2, names
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "$port"
