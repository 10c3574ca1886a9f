#!/usr/bin/env bash
# Package: Debian sid prometheus 3.5.3+ds1-6 (unpacked, not installed).
#
# One would guess: the Prometheus 3.5 of a distribution is Prometheus 3.5, and takes metrics over OTLP if it is started with
# --web.enable-otlp-receiver, as its documentation says.
#
# Seen: the flag is unknown and the server does not start with it. Without it, /api/v1/otlp/v1/metrics is an unknown path, 404. The section "otlp" of
# its configuration is read and accepted all the same.
#   --web.enable-otlp-receiver: unknown long flag
#   POST /api/v1/otlp/v1/metrics: 404 page not found
#   configuration with "otlp: {promote_resource_attributes: […]}": ready, in /api/v1/status/config
#
# Why it matters: an exporter that points there drops all, since 404 is not tried again, and the configuration looks right. The changelog of the
# package says so in one line of an older version; its version number does not. Use remote write, or let Prometheus scrape.
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
(cd "$work/debian" && "${apt[@]}" download prometheus=3.5.3+ds1-6)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'otlp:\n  promote_resource_attributes: [service.version]\n' > "$work/prometheus.yml"
prometheus=("$work/root/usr/bin/prometheus" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data"
    --web.listen-address="127.0.0.1:$port")
if timeout 60 "${prometheus[@]}" --web.enable-otlp-receiver > "$work/flag" 2>&1; then exit 1; fi
echo "--web.enable-otlp-receiver: $(grep -o -m 1 'unknown long flag' "$work/flag")"
timeout 120 "${prometheus[@]}" > "$work/log" 2>&1 &
server=$!
python3 - "http://127.0.0.1:$port" <<'PYTHON'
import sys
import time
import urllib.error
import urllib.request


def ask(path, body=None):
    request = urllib.request.Request(sys.argv[1] + path, data=body, headers={"Content-Type": "application/x-protobuf"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode().strip()
    except OSError:
        return 0, ""


deadline = time.monotonic() + 60
while ask("/-/ready")[0] != 200 and time.monotonic() < deadline:
    time.sleep(0.2)
receiver = ask("/api/v1/otlp/v1/metrics", b"")
configuration = ask("/api/v1/status/config")[1]
print("POST /api/v1/otlp/v1/metrics:", *receiver)
print("configuration holds promote_resource_attributes:", "promote_resource_attributes" in configuration)
assert receiver == (404, "404 page not found"), receiver
assert "promote_resource_attributes" in configuration and "service.version" in configuration
PYTHON
