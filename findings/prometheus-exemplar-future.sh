#!/usr/bin/env bash
# Package: Debian sid prometheus 3.5.3+ds1-6 (unpacked, not installed).
#
# One would guess: an exemplar whose time lies an hour ahead is refused, as samples are that lie more than ten minutes ahead, and the next
# one, which has the right time, is stored.
#
# Seen: it is stored, and from then on all exemplars of its series are refused until that hour has passed, since each is older than the last one. The
# scrape counts as fine, its samples are stored. A warning in the log names the target and no series, and of the two counters for exemplars out
# of order the one of the storage stays at zero.
#   steady: 5 exemplars, the youngest 0 s old
#   one exemplar 3600 s ahead, then right ones: 1 exemplar, 3596 s ahead
#   prometheus_tsdb_exemplar_out_of_order_exemplars_total 0, prometheus_target_scrapes_exemplar_out_of_order_total 4, up 1, samples up to 5
#
# Why it matters: exemplars bring the clock of the application along. A clock that is wrong for a minute after the start of a machine, or a
# container in another time, takes the traces away from a dashboard for as long as it was wrong. Leave the time out: then the scrape's is taken.
set -euo pipefail
work=$(mktemp -d)
server=""
pages=""
finish() {
    for process in $server $pages; do kill "$process" 2> "$work/null" || true; wait "$process" || true; done
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
(cd "$work/debian" && "${apt[@]}" download prometheus=3.5.3+ds1-6)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done

cat > "$work/serve.py" <<'PYTHON'
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Page(BaseHTTPRequestHandler):
    """Serves two counters with exemplars; the first exemplar of one lies an hour ahead."""

    scrapes = 0

    def log_message(self, *_):
        pass

    def do_GET(self):
        Page.scrapes += 1
        now, number = time.time(), Page.scrapes
        first = now + 3600 if number == 1 else now
        body = "".join(
            f"# TYPE {name} counter\n{name}_total {number} # {{trace_id=\"{number:032x}\"}} 1 {when:.3f}\n"
            for name, when in (("steady", now), ("skewed", first))
        )
        self.send_response(200)
        self.send_header("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"{body}# EOF\n".encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
print(server.server_port, flush=True)
server.serve_forever()
PYTHON
timeout 240 python3 "$work/serve.py" > "$work/port" &
pages=$!
for _ in $(seq 200); do [ -s "$work/port" ] && break; sleep 0.1; done
target="127.0.0.1:$(cat "$work/port")"
echo "scrape_configs: [{job_name: probe, scrape_interval: 1s, static_configs: [{targets: ['$target']}]}]" > "$work/prometheus.yml"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
timeout 120 "$work/root/usr/bin/prometheus" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
    --enable-feature=exemplar-storage --web.listen-address="127.0.0.1:$port" > "$work/log" 2>&1 &
server=$!
timeout 90 python3 - "127.0.0.1:$port" <<'PYTHON'
import json
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

server = f"http://{sys.argv[1]}"


def get(path, **query):
    url = f"{server}/api/v1/{path}?{urllib.parse.urlencode(query)}"
    return json.load(urllib.request.urlopen(url, timeout=10))["data"]


def ages(name):
    """Returns how many seconds ago each exemplar of a series was, the oldest first."""
    now = time.time()
    found = get("query_exemplars", query=f"{name}_total", start=now - 600, end=now + 7200)
    return [now - exemplar["timestamp"] for series in found for exemplar in series["exemplars"]]


steady = []
for _ in range(300):
    try:
        steady = ages("steady")
        if len(steady) >= 5:
            break
    except (urllib.error.URLError, ConnectionError):
        pass
    time.sleep(0.2)
skewed = ages("skewed")
(up,) = get("query", query="up")["result"]
(sample,) = get("query", query="skewed_total")["result"]
page = urllib.request.urlopen(server + "/metrics", timeout=10).read().decode()
names = ["prometheus_tsdb_exemplar_out_of_order_exemplars_total", "prometheus_target_scrapes_exemplar_out_of_order_total"]
counts = [float(re.search(rf"^{name} (\S+)", page, re.MULTILINE).group(1)) for name in names]
print(f"steady: {len(steady)} exemplars, the youngest {min(steady):.0f} s old")
print(f"one exemplar 3600 s ahead, then right ones: {len(skewed)} exemplar, {-skewed[0]:.0f} s ahead")
counters = ", ".join(f"{name} {count:.0f}" for name, count in zip(names, counts))
print(f"{counters}, up {up['value'][1]}, samples up to {sample['value'][1]}")
assert len(steady) >= 5 and max(steady) < 600
assert len(skewed) == 1 and 3400 < -skewed[0] <= 3600
assert counts[0] == 0 and counts[1] >= 3 and up["value"][1] == "1" and float(sample["value"][1]) >= 5
PYTHON
