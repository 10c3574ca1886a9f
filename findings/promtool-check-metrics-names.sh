#!/usr/bin/env bash
# Package: Debian sid prometheus 3.5.3+ds1-6, promtool 3.5.3+ds1-6 (one source; unpacked, not installed).
#
# One would guess: promtool check metrics takes a page that the Prometheus of the same version scrapes, as one with the names that version 3
# allows by default ("http.server.requests" in quotation marks), or the page of OpenMetrics that Prometheus asks for first.
#
# Seen: both are refused at the first line that is newer than its parser, with status 1 and no other check made. The server stores all of them.
#   quoted names: promtool 1, error while linting: text format parsing error in line 1: invalid metric name "http.server.requests"
#   OpenMetrics: promtool 1, error while linting: text format parsing error in line 3: expected integer as timestamp, got "#"
#   quoted names: scraped 1, {"http.server.requests","http.route"="/"} 5
#   OpenMetrics: scraped 1, orders_total 7 with an exemplar
#
# Why it matters: the check that is recommended for exporters in CI fails for what is right, and says nothing about the rest of the page.
# It knows the text format 0.0.4 with old names only; for anything newer, scrape the page with a server, or parse it with another library.
set -euo pipefail
work=$(mktemp -d)
server=""
pages=""
finish() {
    for process in $server $pages; do kill "$process" 2> "$work/null" || true; wait "$process" || true; done
    rm -rf "$work"
}
trap finish EXIT
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work/debian" "$work/pages"
mirror=$(grep -rhoE '^(URIs: |deb (\[[^]]*\] )?)https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2> "$work/null" \
    | grep -m 1 -oE 'https?://[^ ]*/debian/?$' || true)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$work/apt/sources.list"
apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
(cd "$work/debian" && "${apt[@]}" download prometheus=3.5.3+ds1-6 promtool=3.5.3+ds1-6)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done

cat > "$work/pages/quoted names" <<'PAGE'
# HELP "http.server.requests" Requests.
# TYPE "http.server.requests" gauge
{"http.server.requests","http.route"="/"} 5
PAGE
cat > "$work/pages/OpenMetrics" <<'PAGE'
# HELP orders Orders.
# TYPE orders counter
orders_total 7 # {trace_id="0af7651916cd43dd8448eb211c80319c"} 1
# EOF
PAGE
for page in "quoted names" OpenMetrics; do
    result=0
    error=$("$work/root/usr/bin/promtool" check metrics < "$work/pages/$page" 2>&1) || result=$?
    echo "$page: promtool $result, $error"
    [ "$result" = 1 ]
    grep -q "text format parsing error" <<< "$error"
done

cat > "$work/serve.py" <<'PYTHON'
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

pages = {"/quoted": ("quoted names", "text/plain; version=1.0.0"), "/openmetrics": ("OpenMetrics", "application/openmetrics-text; version=1.0.0")}


class Pages(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        name, kind = pages[self.path]
        with open(f"{sys.argv[1]}/{name}", "rb") as file:
            body = file.read()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
print(server.server_port, flush=True)
server.serve_forever()
PYTHON
timeout 240 python3 "$work/serve.py" "$work/pages" > "$work/port" &
pages=$!
for _ in $(seq 200); do [ -s "$work/port" ] && break; sleep 0.1; done
target="127.0.0.1:$(cat "$work/port")"
cat > "$work/prometheus.yml" <<YAML
scrape_configs:
  - {job_name: quoted, metrics_path: /quoted, scrape_interval: 1s, static_configs: [{targets: ["$target"]}]}
  - {job_name: openmetrics, metrics_path: /openmetrics, scrape_interval: 1s, static_configs: [{targets: ["$target"]}]}
YAML
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
timeout 120 "$work/root/usr/bin/prometheus" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
    --enable-feature=exemplar-storage --web.listen-address="127.0.0.1:$port" > "$work/log" 2>&1 &
server=$!
timeout 90 python3 - "$port" <<'PYTHON'
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

server = f"http://127.0.0.1:{sys.argv[1]}/api/v1/"


def get(path, **query):
    return json.load(urllib.request.urlopen(server + path + "?" + urllib.parse.urlencode(query), timeout=10))["data"]


def value(query):
    """Waits for a result, since the first scrape comes within a second or two."""
    for _ in range(300):
        try:
            result = get("query", query=query)["result"]
            if result:
                return result[0]["metric"], result[0]["value"][1]
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.1)
    sys.exit(f"nothing for {query}")


up = [value(f'up{{job="{job}"}} == 1')[1] for job in ("quoted", "openmetrics")]
labels, requests = value('{"http.server.requests"}')
_, orders = value("orders_total")
exemplars = get("query_exemplars", query="orders_total", start=time.time() - 600, end=time.time() + 600)
assert labels["http.route"] == "/" and requests == "5" and orders == "7" and len(exemplars[0]["exemplars"]) >= 1
print(f'quoted names: scraped {up[0]}, {{"http.server.requests","http.route"="/"}} {requests}')
print(f"OpenMetrics: scraped {up[1]}, orders_total {orders} with an exemplar")
PYTHON
