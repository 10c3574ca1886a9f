#!/usr/bin/env bash
# Packages: Debian sid prometheus-redis-exporter 1.86.0-1, Debian 12 redis-tools 5:7.0.15-1~deb12u10 (which holds the server; with its libraries,
# unpacked, not installed), PyPI redis 8.1.0.
#
# One would guess: the histogram redis_commands_latencies_usec has the same buckets for each command, from the start on, as a histogram of Prometheus
# must for sum by (le), rate() and histogram_quantile(); the summary beside it, redis_latency_percentiles_usec, has quantile="0.99".
#
# Seen: a command has the buckets in which Redis has counted something, and no others; one more comes with the first call that falls into it. Added up
# over commands the counts fall where a command has no bucket of that bound. The summary has quantile="99" and "99.9".
#   200 GET of some microseconds, 200 EVAL of a fifth of a millisecond, one EVAL_RO of 20 ms: EVAL_RO has one bucket and le="+Inf"
#   sum by (le): 200 at GET's last bucket, 200 at EVAL's, 1 at EVAL_RO's, 401 at le="+Inf": the quantile 0.6 is the bound of EVAL_RO's
#   then a fast EVAL_RO: two buckets and le="+Inf"
#   quantiles: 50, 99, 99.9
#
# Why it matters: the latency of a server, which is made by adding up its commands, is that of its slowest call ever, as histogram_quantile() takes
# what falls for a rounding error and lifts it. rate() misses the first call of each bucket, which for slow ones is often the only one. An alert on
# quantile="0.99" finds nothing. Look at one command at a time, or take redis_commands_duration_seconds_total over redis_commands_total.
set -euo pipefail
work=$(mktemp -d)
server="" exporter=""
finish() {
    for process in $exporter $server; do kill "$process" 2> "$work/null" || true; wait "$process" || true; done
    rm -rf "$work"
}
trap finish EXIT
chmod 755 "$work"
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial
mkdir "$work/debian"
mirror=$(grep -rhoE '^(URIs: |deb (\[[^]]*\] )?)https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2> "$work/null" \
    | grep -m 1 -oE 'https?://[^ ]*/debian/?$' || true)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$work/apt/sources.list"
apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
(cd "$work/debian" && "${apt[@]}" download prometheus-redis-exporter=1.86.0-1)
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download redis-tools=5:7.0.15-1~deb12u10 libjemalloc2=5.3.0-1 liblzf1=3.6-3 \
    libatomic1=12.2.0-14+deb12u1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check redis==8.1.0
read -r port page < <(python3 -c 'import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(one.getsockname()[1] for one in sockets))')
# The program is a server if it is called so.
ln -s "$work/root/usr/bin/redis-check-rdb" "$work/redis-server"
libraries=$(dirname "$(find "$work/root" -name 'libjemalloc.so.2' | head -1)")
LD_LIBRARY_PATH="$libraries" timeout 120 "$work/redis-server" --port "$port" --bind 127.0.0.1 --save "" --dir "$work" > "$work/log" 2>&1 &
server=$!
timeout 120 "$work/root/usr/bin/prometheus-redis-exporter" -redis.addr "redis://127.0.0.1:$port" -web.listen-address "127.0.0.1:$page" \
    > "$work/log-exporter" 2>&1 &
exporter=$!
cat > "$work/probe.py" <<'PYTHON'
import re
import sys
import time
import urllib.request

import redis

port, page = sys.argv[1:]
client = redis.Redis(port=int(port))


def scrape():
    """Returns the buckets of commands, and the quantiles of the summary."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{page}/metrics", timeout=20).read().decode()
    assert "# TYPE redis_commands_latencies_usec histogram" in text and "# TYPE redis_latency_percentiles_usec summary" in text
    buckets = {}
    for command, bound, count in re.findall(r'^redis_commands_latencies_usec_bucket{cmd="([^"]+)",le="([^"]+)"} (\d+)$', text, re.MULTILINE):
        buckets.setdefault(command, {})[float(bound)] = int(count)
    return buckets, set(re.findall(r'^redis_latency_percentiles_usec{cmd="get",quantile="([^"]+)"}', text, re.MULTILINE))


deadline = time.monotonic() + 30
while True:
    try:
        client.ping()
        urllib.request.urlopen(f"http://127.0.0.1:{page}/", timeout=20).close()
        break
    except (OSError, redis.exceptions.ConnectionError):
        assert time.monotonic() < deadline
        time.sleep(0.1)
loop = "local n = 0 for i = 1, %d do n = n + i end return 1"
for _ in range(200):
    client.get("order")
    client.eval(loop % 20000, 0)
client.eval_ro(loop % 3000000, 0)
buckets, quantiles = scrape()
commands, infinity = ("get", "eval", "eval_ro"), float("inf")
for command in commands:
    print(f"{command}: {buckets[command]}")
(slow,) = [bound for bound in buckets["eval_ro"] if bound != infinity]
assert buckets["eval_ro"] == {slow: 1, infinity: 1}
assert slow not in {*buckets["get"], *buckets["eval"]}
bounds = sorted({bound for command in commands for bound in buckets[command]})
total = [sum(buckets[command].get(bound, 0) for command in commands) for bound in bounds]
print("sum by (le):", dict(zip(bounds, total)))
assert bounds[-2:] == [slow, infinity] and total[-2:] == [1, 401]
# As histogram_quantile() does: counts that fall are lifted, and a rank in the last bucket is the highest bound.
lifted = [max(total[: place + 1]) for place in range(len(total))]
assert 0.6 * 401 > lifted[-2], lifted
client.eval_ro("return 1", 0)
buckets, _ = scrape()
print("eval_ro, one more:", buckets["eval_ro"])
assert len(buckets["eval_ro"]) == 3 and buckets["eval_ro"][slow] == buckets["eval_ro"][infinity] == 2
print("quantiles:", sorted(quantiles))
assert quantiles == {"50", "99", "99.9"}
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "$port" "$page"
