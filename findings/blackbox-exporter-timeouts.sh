#!/usr/bin/env bash
# Package: Debian sid prometheus-blackbox-exporter 0.28.0-2 (unpacked, not installed).
#
# One would guess: the phases of probe_http_duration_seconds (resolve, connect, tls, processing, transfer) add up to probe_duration_seconds, also for
# a probe that runs into its timeout: what was waited for is the phase processing.
#
# Seen: so it is for a slow answer and for a slow body. When no answer comes in time, processing and transfer are 0; only probe_duration_seconds has
# the time. And probe_http_status_code is 200 for a body that breaks off, where probe_success alone is 0.
#   answer after 1 s: duration 1.0, processing 1.0
#   no answer within 2 s: duration 2.0, processing 0, status code 0
#   body breaks off: status code 200, probe_success 0
#
# Why it matters: the panel of phases, which most dashboards have, falls to zero when the service hangs, so an outage looks like its best moment, and
# avg_over_time of a phase gets better the more probes fail. Multiply by probe_success, or alert on probe_duration_seconds.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work/debian"
mirror=$(grep -rhoE '^(URIs: |deb (\[[^]]*\] )?)https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2> "$work/null" \
    | grep -m 1 -oE 'https?://[^ ]*/debian/?$' || true)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$work/apt/sources.list"
apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
(cd "$work/debian" && "${apt[@]}" download prometheus-blackbox-exporter=0.28.0-2)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/probe.py" <<'PYTHON'
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

root, work = sys.argv[1:]
ended = threading.Event()


class Target(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/hangs":
            ended.wait(20)
            self.close_connection = True
            return
        if self.path == "/slow":
            time.sleep(1)
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        if self.path == "/body":
            self.wfile.flush()
            time.sleep(1)
        self.wfile.write(b"ok" if self.path == "/breaks" else b"good")
        self.close_connection = self.path == "/breaks"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


target = ThreadingHTTPServer(("127.0.0.1", 0), Target)
target.daemon_threads = True
threading.Thread(target=target.serve_forever, daemon=True).start()
port = free_port()
with open(f"{work}/conf", "w") as file:
    file.write("modules:\n  plain:\n    prober: http\n    timeout: 2s\n")
command = [f"{root}/usr/bin/prometheus-blackbox-exporter", f"--config.file={work}/conf", f"--web.listen-address=127.0.0.1:{port}"]
with open(f"{work}/log", "w") as log:
    server = subprocess.Popen(command, stdout=log, stderr=log)
deadline = time.monotonic() + 40
seen = {}
try:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            assert time.monotonic() < deadline and server.poll() is None
            time.sleep(0.1)
    for path in ("/fast", "/slow", "/body", "/hangs", "/breaks"):
        address = f"http://127.0.0.1:{port}/probe?module=plain&target=http://127.0.0.1:{target.server_port}{path}"
        with urllib.request.urlopen(address, timeout=20) as answer:
            page = answer.read().decode()
        values = {name: float(value) for name, value in re.findall(r"^(probe_\S+) (\S+)$", page, re.M)}
        phases = {name.split('"')[1]: value for name, value in values.items() if name.startswith("probe_http_duration_seconds")}
        seen[path] = (values["probe_duration_seconds"], phases, values["probe_http_status_code"], values["probe_success"])
        print(path, *seen[path])
finally:
    ended.set()
    server.terminate()
    server.wait(20)
for path, phase in (("/slow", "processing"), ("/body", "transfer")):
    duration, phases, status, success = seen[path]
    assert success == 1 and phases[phase] >= 0.9 and abs(sum(phases.values()) - duration) < 0.4, seen[path]
duration, phases, status, success = seen["/hangs"]
assert (status, success) == (0, 0) and duration >= 1.9 and phases["processing"] == phases["transfer"] == 0 and sum(phases.values()) < 0.9
assert seen["/breaks"][2:] == (200, 0)
PYTHON
timeout 100 python3 "$work/probe.py" "$work/root" "$work"
