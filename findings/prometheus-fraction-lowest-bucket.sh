#!/usr/bin/env bash
# Package: Debian sid prometheus 3.5.3+ds1-6 (unpacked, not installed; with promtool, which the same source builds).
#
# One would guess: histogram_fraction(0, 0.7, …) over buckets of le= gives the share of requests below 0.7 s. The lowest bucket
# of a histogram with positive boundaries begins at zero, as histogram_quantile has it.
#
# Seen: no number as soon as a bound lies within the lowest bucket, zero included. From the lowest boundary on it interpolates.
#   histogram_fraction(0, 0.7, …) -> NaN
#   histogram_fraction(0.05, 0.7, …) -> NaN
#   histogram_fraction(0.1, 0.7, …) -> 0.5327731092436975
#   histogram_fraction(-Inf, 0.7, …) -> 0.7428571428571429
#   histogram_quantile(0.1, …) -> 0.0476
#
# Why it matters: the share below a threshold is the usual objective for latency. A rule over it compares NaN, which is neither above
# nor below its limit, and never fires. With -Inf as the lower bound it works.
set -euo pipefail
work=$(mktemp -d)
server=""
finish() {
    if [ -n "$server" ]; then kill "$server" 2> "$work/null" || true; wait "$server" || true; fi
    rm -rf "$work"
}
trap finish EXIT
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work/debian"
mirror=$(grep -rhoE '^(URIs: |deb (\[[^]]*\] )?)https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2> "$work/null" \
    | grep -m 1 -oE 'https?://[^ ]*/debian/?$' || true)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$work/apt/sources.list"
apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
(cd "$work/debian" && "${apt[@]}" download prometheus=3.5.3+ds1-6 promtool=3.5.3+ds1-6)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done

cat > "$work/page" <<'PAGE'
# TYPE latency histogram
latency_bucket{le="0.1"} 25 1700000000
latency_bucket{le="0.5"} 78 1700000000
latency_bucket{le="1.0"} 104 1700000000
latency_bucket{le="+Inf"} 119 1700000000
# EOF
PAGE
timeout 60 "$work/root/usr/bin/promtool" tsdb create-blocks-from openmetrics "$work/page" "$work/data" > "$work/blocks"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
echo 'scrape_configs: []' > "$work/prometheus.yml"
timeout 120 "$work/root/usr/bin/prometheus" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
    --storage.tsdb.retention.time=100y --web.listen-address="127.0.0.1:$port" > "$work/log" 2>&1 &
server=$!
timeout 90 python3 - "$port" <<'PYTHON'
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

server = f"http://127.0.0.1:{sys.argv[1]}"
for _ in range(300):
    try:
        urllib.request.urlopen(server + "/-/ready", timeout=5)
        break
    except (urllib.error.URLError, ConnectionError):
        time.sleep(0.1)


def value(query):
    body = urllib.parse.urlencode({"query": query, "time": 1700000060}).encode()
    return json.load(urllib.request.urlopen(server + "/api/v1/query", body, timeout=10))["data"]["result"][0]["value"][1]


queries = [f"histogram_fraction({lower}, 0.7, latency_bucket)" for lower in ("0", "0.05", "0.1", "-Inf")]
queries.append("histogram_quantile(0.1, latency_bucket)")
seen = [value(query) for query in queries]
for query, result in zip(queries, seen):
    print(f"{query.replace('latency_bucket', '…')} -> {result}")
assert seen[:2] == ["NaN", "NaN"], seen
assert abs(float(seen[2]) - 63.4 / 119) < 1e-9, seen
assert abs(float(seen[3]) - 88.4 / 119) < 1e-9, seen
assert abs(float(seen[4]) - 0.0476) < 1e-9, seen
PYTHON
