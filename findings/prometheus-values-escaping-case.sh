#!/usr/bin/env bash
# Packages: Debian sid prometheus 3.5.3+ds1-6 (unpacked, not installed), PyPI prometheus-client 0.26.0.
#
# One would guess: the escaping scheme "values" writes metric.name as U__metric_2E_name, as the example in its specification has it.
#
# Seen: the server (in its federation page) and the client library write small digits.
#   Prometheus: U__metric_2e_name{U__label_2f_name="x"}
#   prometheus-client: U__metric_2e_name{U__label_2f_name="x"}
#
# Why it matters: a server compares names byte by byte, and does not undo the escapes of what it scrapes under this scheme. An exporter that
# follows the example gives metrics another name than all others, and queries and dashboards for one find nothing of the other.
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
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check prometheus-client==0.26.0

cat > "$work/serve.py" <<'PYTHON'
import threading

from prometheus_client import CollectorRegistry, Gauge, start_http_server

registry = CollectorRegistry()
Gauge("metric.name", "A gauge.", ["label/name"], registry=registry).labels("x").set(1)
server, _ = start_http_server(0, addr="127.0.0.1", registry=registry)
print(server.server_port, flush=True)
threading.Event().wait()
PYTHON
timeout 240 "$work/venv/bin/python" "$work/serve.py" > "$work/port" &
pages=$!
for _ in $(seq 200); do [ -s "$work/port" ] && break; sleep 0.1; done
target="127.0.0.1:$(cat "$work/port")"
cat > "$work/prometheus.yml" <<YAML
scrape_configs: [{job_name: probe, scrape_interval: 1s, static_configs: [{targets: ["$target"]}]}]
YAML
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
timeout 120 "$work/root/usr/bin/prometheus" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
    --web.listen-address="127.0.0.1:$port" > "$work/log" 2>&1 &
server=$!
timeout 90 python3 - "$target" "127.0.0.1:$port" <<'PYTHON'
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request


def page(url):
    request = urllib.request.Request(url, headers={"Accept": "text/plain;version=1.0.0;escaping=values"})
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read().decode()


def sample(url):
    """Waits for the sample of the metric, and returns its name and its own label."""
    for _ in range(300):
        try:
            found = re.search(r"^(U__metric\w+)\{.*?(U__label\w+)=\"x\"", page(url), re.MULTILINE)
            if found:
                return found.groups()
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.1)
    sys.exit(f"no sample at {url}")


client = sample(f"http://{sys.argv[1]}/metrics")
federated = sample(f"http://{sys.argv[2]}/federate?" + urllib.parse.urlencode({"match[]": '{"metric.name"}'}))
for name, (metric, label) in (("Prometheus", federated), ("prometheus-client", client)):
    print(f'{name}: {metric}{{{label}="x"}}')
assert client == federated == ("U__metric_2e_name", "U__label_2f_name")
PYTHON
