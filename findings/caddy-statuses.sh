#!/usr/bin/env bash
# Packages: Debian 12 caddy 2.6.2-5 and Debian sid caddy 2.11.4-1 (unpacked, not installed).
#
# One would guess: Caddy's access log and its metrics tell the status that the client got, each request once.
#
# Seen: a request that no handler answers gets 200 without a body, and the log says status 0, the metrics 200. With 2.6.2 the requests that end in an
# error of Caddy itself, as 502 when the application is down, are in caddy_http_requests_total and in no histogram: neither their code nor their
# duration is anywhere in the metrics. 2.11.4 has them.
#   unknown path: client 200, log 0, caddy_http_request_duration_seconds_count{code="200"}
#   application down: client 502, log 502; code="502": 2.6.2 none, 2.11.4 1
#
# Why it matters: an error rate over the codes of the histogram is zero while everything behind Caddy is down, and a rate by the log has a class of
# its own for what clients see as success. Take caddy_http_requests_total less the histogram's count with 2.6.2, and end sites by a handler for the
# rest.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work/12" "$work/sid"
chmod 755 "$work"
chmod 777 "$work/12"
mirror=$(grep -rhoE '^(URIs: |deb (\[[^]]*\] )?)https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2> "$work/null" \
    | grep -m 1 -oE 'https?://[^ ]*/debian/?$' || true)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$work/apt/sources.list"
apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
(cd "$work/12" && apt-get download -qq caddy=2.6.2-5)
(cd "$work/sid" && "${apt[@]}" download caddy=2.11.4-1)
for suite in 12 sid; do dpkg -x "$work/$suite"/caddy_*.deb "$work/root-$suite"; done
cat > "$work/probe.py" <<'PYTHON'
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

work = sys.argv[1]


class Application(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_response(500 if self.path == "/failed" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def statuses(suite, option):
    """Asks a Caddy for each path once, and returns what the client, the log and the histogram have of it, and the count of requests."""
    port, admin, closed = free_port(), free_port(), free_port()
    base = f"{work}/{suite}"
    with open(f"{base}/Caddyfile", "w") as file:
        file.write(
            f"{{\n admin 127.0.0.1:{admin}\n auto_https off\n {option}\n}}\nhttp://127.0.0.1:{port} {{\n"
            f" log {{\n  output file {base}/access.log\n }}\n"
            f" handle /answered {{\n  reverse_proxy 127.0.0.1:{application.server_port}\n }}\n"
            f" handle /failed {{\n  reverse_proxy 127.0.0.1:{application.server_port}\n }}\n"
            f" handle /down {{\n  reverse_proxy 127.0.0.1:{closed}\n }}\n}}\n"
        )
    command = [f"{work}/root-{suite}/usr/bin/caddy", "run", "--config", f"{base}/Caddyfile", "--adapter", "caddyfile"]
    environment = {**os.environ, "HOME": base, "XDG_DATA_HOME": base, "XDG_CONFIG_HOME": base}
    with open(f"{base}/log", "w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    deadline = time.monotonic() + 40
    try:
        clients = {}
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert time.monotonic() < deadline and server.poll() is None, open(f"{base}/log").read()
                time.sleep(0.1)
        for path in ("/answered", "/failed", "/down", "/unknown"):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
                    clients[path] = answer.status
            except urllib.error.HTTPError as error:
                clients[path] = error.code
        logged = {}
        while len(logged) < len(clients):
            assert time.monotonic() < deadline
            time.sleep(0.1)
            with open(f"{base}/access.log") as file:
                lines = [json.loads(line) for line in file if line.endswith("\n")]
            logged = {line["request"]["uri"]: line["status"] for line in lines}
        with urllib.request.urlopen(f"http://127.0.0.1:{admin}/metrics", timeout=20) as answer:
            page = answer.read().decode()
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    codes = dict(re.findall(r'^caddy_http_request_duration_seconds_count\{code="(\d+)",.* (\d+)$', page, re.M))
    total = re.findall(r"^caddy_http_requests_total\{.* (\d+)$", page, re.M)
    print(suite, "clients", clients, "log", logged, "histogram", codes, "total", total)
    return clients, logged, codes, total


application = ThreadingHTTPServer(("127.0.0.1", 0), Application)
threading.Thread(target=application.serve_forever, daemon=True).start()
CLIENTS = {"/answered": 200, "/failed": 500, "/down": 502, "/unknown": 200}
LOGGED = {**CLIENTS, "/unknown": 0}
assert statuses("12", "servers {\n  metrics\n }") == (CLIENTS, LOGGED, {"200": "2", "500": "1"}, ["4"])
assert statuses("sid", "metrics") == (CLIENTS, LOGGED, {"200": "2", "500": "1", "502": "1"}, ["4"])
application.shutdown()
PYTHON
timeout 110 python3 "$work/probe.py" "$work"
