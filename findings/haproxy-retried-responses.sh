#!/usr/bin/env bash
# Packages: Debian 12 haproxy 2.6.12-1+deb12u4 with liblua5.3-0 5.3.6-2, libopentracing1 1.6.0-4 and libopentracing-c-wrapper0
# 1.1.3-3+b1 (unpacked, not installed).
#
# One would guess: a response of 503 that haproxy does not pass on but tries again with the next server (retry-on 503) is counted for the server that
# gave it, and the time that it took is a part of the response time, or of the total alone. The log has the number of retries.
#
# Seen: the response is counted nowhere: the server that fails each request has no response and no error in its metrics, only sessions and retries.
# Its time is time in the queue (Tw in the log, haproxy_backend_max_queue_time_seconds), though nothing has waited in one, and Tr is that of the last
# attempt. The log names the last server alone.
#   servers "bad" (503 after 0.3 s) and "good" (200 after 0.1 s), 8 requests: all 200, each server was asked
#   haproxy_server_http_responses_total{server="bad"}: 0 of every code;  haproxy_server_response_errors_total{server="bad"} 0
#   log of a request that "bad" had first: b/good, Tw 300, Tr 100, retries +1;  haproxy_backend_max_queue_time_seconds 0.3
#
# Why it matters: a server that answers nothing but errors looks idle and healthy, and the latency that it adds looks like too few servers or too
# small a maxconn, so somebody adds capacity. Alert on haproxy_server_retry_warnings_total for each server; spans of the applications have the 503.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download haproxy=2.6.12-1+deb12u4 liblua5.3-0=5.3.6-2 \
    libopentracing1=1.6.0-4 libopentracing-c-wrapper0=1.1.3-3+b1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/probe.py" <<'PYTHON'
import glob
import http.client
import os
import re
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

root, work = sys.argv[1:]
asked = {"bad": 0, "good": 0}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """haproxy ends the connection when it tries again."""


def application(name, status, seconds):
    class Application(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_GET(self):
            asked[name] += 1
            time.sleep(seconds)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = Server(("127.0.0.1", 0), Application)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def ask(port, path="/"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


web, metrics = free_port(), free_port()
log = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
log.bind(("127.0.0.1", 0))
log.settimeout(20)
with open(f"{work}/haproxy.cfg", "w") as file:
    file.write(f"""
global
    log 127.0.0.1:{log.getsockname()[1]} local0
defaults
    mode http
    timeout connect 5s
    timeout client 20s
    timeout server 20s
frontend web
    bind 127.0.0.1:{web}
    log global
    log-format "line %s Tw=%Tw Tr=%Tr Ta=%Ta rc=%rc %ST"
    default_backend applications
frontend metrics
    bind 127.0.0.1:{metrics}
    http-request use-service prometheus-exporter
backend applications
    balance roundrobin
    retries 3
    retry-on 503
    option redispatch 1
    server bad 127.0.0.1:{application("bad", 503, 0.3)}
    server good 127.0.0.1:{application("good", 200, 0.1)}
""")
libraries = ":".join(sorted({os.path.dirname(path) for path in glob.glob(f"{root}/usr/lib/*/*.so*")}))
with open(f"{work}/log", "w") as output:
    proxy = subprocess.Popen([f"{root}/usr/sbin/haproxy", "-f", f"{work}/haproxy.cfg", "-db"], env={"LD_LIBRARY_PATH": libraries},
                             stdout=output, stderr=output)
try:
    deadline = time.monotonic() + 30
    while True:
        assert time.monotonic() < deadline and proxy.poll() is None, open(f"{work}/log").read()
        try:
            ask(metrics, "/metrics")
            break
        except OSError:
            time.sleep(0.1)
    statuses = [ask(web)[0] for _ in range(8)]
    lines = [re.search(r"line (\S+) Tw=(\d+) Tr=(\d+) Ta=(\d+) rc=\+?(\d+) (\d+)", log.recv(4096).decode()).groups() for _ in range(8)]
    text = ask(metrics, "/metrics")[1]
finally:
    proxy.terminate()
    try:
        proxy.wait(20)
    except subprocess.TimeoutExpired:
        proxy.kill()
        proxy.wait()
values = {name: float(value) for name, value in (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))}
bad = {name: value for name, value in values.items() if 'server="bad"' in name}
responses = {re.search(r'code="(\w+)"', name).group(1): value for name, value in bad.items() if "_http_responses_total" in name}
first = [(int(wait), int(response), int(total)) for server, wait, response, total, retries, _ in lines if int(retries)]
print("statuses:", statuses, "asked:", asked)
print('responses of "bad":', responses)
print("log, with retries (Tw, Tr, Ta):", first)
assert statuses == [200] * 8 and asked["good"] == 8 and asked["bad"] >= 3, (statuses, asked)
assert {server for server, *_ in lines} == {"good"} and {line[5] for line in lines} == {"200"}
assert len(responses) >= 5 and set(responses.values()) == {0}, responses
assert bad['haproxy_server_response_errors_total{proxy="applications",server="bad"}'] == 0
assert bad['haproxy_server_connection_errors_total{proxy="applications",server="bad"}'] == 0
assert bad['haproxy_server_retry_warnings_total{proxy="applications",server="bad"}'] == asked["bad"]
assert len(first) == asked["bad"] and all(wait >= 300 and 100 <= response < 300 and total >= 400 for wait, response, total in first), first
queue = values['haproxy_backend_max_queue_time_seconds{proxy="applications"}']
print("longest time in the queue:", queue)
assert queue >= 0.3 and values['haproxy_backend_max_queue{proxy="applications"}'] == 0
PYTHON
timeout 60 python3 "$work/probe.py" "$work/root" "$work"
