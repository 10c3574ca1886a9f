#!/usr/bin/env bash
# Package: Debian sid prometheus-pushgateway 1.11.2-1 (unpacked, not installed).
#
# One would guess: the Pushgateway reads a body of application/openmetrics-text as OpenMetrics, as every Prometheus server does, or answers 415.
#
# Seen: the header is not looked at, every text is read in the format 0.0.4. There "# TYPE orders counter" has nothing to do with orders_total: the
# push is taken with 200, and the metric is served without a type. An exemplar makes the same push fail with 400 and a talk of timestamps, and with it
# all other metrics of the push.
#   counter: 200, served as # TYPE orders_total untyped
#   counter with an exemplar: 400, text format parsing error in line 2: expected integer as timestamp, got "#"
#
# Why it matters: a batch job whose library writes OpenMetrics loses its types (in the metadata, and for queries that check them), or, from the first
# exemplar on, each push. Push in the format 0.0.4, or as protobuf.
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
(cd "$work/debian" && "${apt[@]}" download prometheus-pushgateway=1.11.2-1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
timeout 120 "$work/root/usr/bin/prometheus-pushgateway" --web.listen-address="127.0.0.1:$port" > "$work/log" 2>&1 &
server=$!
cat > "$work/probe.py" <<'PYTHON'
import sys
import time
import urllib.error
import urllib.request

base = sys.argv[1]


def ask(path, body=None, media="application/openmetrics-text; version=1.0.0; charset=utf-8"):
    request = urllib.request.Request(base + path, data=body and body.encode(), headers={"Content-Type": media}, method="PUT" if body else "GET")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode().strip()
    except OSError:
        return 0, ""


def types(name):
    return [line for line in ask("/metrics")[1].splitlines() if line.startswith("# TYPE " + name)]


deadline = time.monotonic() + 60
while ask("/-/ready")[0] != 200 and time.monotonic() < deadline:
    time.sleep(0.2)
plain = ask("/metrics/job/plain", "# TYPE orders counter\norders_total 3\n# EOF\n")
with_exemplar = ask("/metrics/job/exemplar", '# TYPE paid counter\npaid_total 3 # {trace_id="0af7651916cd43dd8448eb211c80319c"} 1\n# EOF\n')
old = ask("/metrics/job/old", "# TYPE sent_total counter\nsent_total 3\n", "text/plain; version=0.0.4")
print("counter:", plain[0], *types("orders"))
print("counter with an exemplar:", *with_exemplar, *types("paid"))
print("counter in the format 0.0.4:", old[0], *types("sent"))
assert plain[0] == 200 and types("orders") == ["# TYPE orders_total untyped"]
assert with_exemplar[0] == 400 and 'expected integer as timestamp, got "#"' in with_exemplar[1] and not types("paid")
assert old[0] == 200 and types("sent") == ["# TYPE sent_total counter"]
PYTHON
timeout 60 python3 "$work/probe.py" "http://127.0.0.1:$port"
