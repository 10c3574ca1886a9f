#!/usr/bin/env bash
# Packages: Debian 12 haproxy 2.6.12-1+deb12u4 with liblua5.3-0, libopentracing1 and libopentracing-c-wrapper0 (unpacked, not installed).
#
# One would guess: haproxy_backend_response_time_average_seconds of haproxy's own Prometheus exporter, described as the average of the last 1024
# requests, is the average of those that there were, if there were fewer.
#
# Seen: it is the sum divided by 512, as long as there were fewer requests: after four requests of half a second it is 0.004 s, not 0.5 s, and right
# from the 512th on. A failed request counts as one of 0 s: the time for which a client waited for a server that is down is in no time metric.
#   4 requests of 0.5 s: average 0.004 (haproxy_backend_max_response_time_seconds 0.501)
#   then 124 of 0.05 s: average 0.017, clients waited 0.08;  then 384 of 0.05 s: average 0.055, clients waited 0.07
#   connection refused, 503 after 1 s of retries: average 0, haproxy_backend_max_total_time_seconds 0
#
# Why it matters: after each start or reload, and for hours for a backend of little traffic, the latency is shown as a small part of what it is, and
# an alert on it does not fire; each deployment looks like an improvement. Take times from the log (%Ta, %Tr), or look at them beside the count of
# requests.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download haproxy=2.6.12-1+deb12u4 liblua5.3-0 libopentracing1 libopentracing-c-wrapper0)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/probe.py" <<'PYTHON'
import http.client
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

root, work = sys.argv[1:]


class Application(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        time.sleep(0.5 if self.path == "/slow" else 0.05)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def ask(path):
    """Returns the status and the seconds that the client waited."""
    begun = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status, time.monotonic() - begun


def times():
    with urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=20) as answer:
        page = answer.read().decode()
    found = re.findall(r'^haproxy_backend_(\w+_time\w*_seconds)\{proxy="(\w+)"\} (\S+)$', page, re.M)
    return {f"{proxy} {name}": float(value) for name, proxy, value in found}


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


application = Server(("127.0.0.1", 0), Application)
threading.Thread(target=application.serve_forever, daemon=True).start()
port, metrics, closed = free_port(), free_port(), free_port()
with open(f"{work}/conf", "w") as file:
    file.write(
        "defaults\n mode http\n retries 1\n timeout client 20s\n timeout server 20s\n timeout connect 1s\n"
        f"frontend f\n bind 127.0.0.1:{port}\n use_backend down if {{ path /down }}\n default_backend up\n"
        f"backend up\n server s 127.0.0.1:{application.server_port}\nbackend down\n server s 127.0.0.1:{closed}\n"
        f"frontend m\n bind 127.0.0.1:{metrics}\n http-request use-service prometheus-exporter\n"
    )
environment = {**os.environ, "LD_LIBRARY_PATH": f"{root}/usr/lib/x86_64-linux-gnu"}
with open(f"{work}/log", "w") as log:
    server = subprocess.Popen([f"{root}/usr/sbin/haproxy", "-db", "-f", f"{work}/conf"], env=environment, stdout=log, stderr=log)
deadline = time.monotonic() + 40
try:
    while True:
        try:
            first = times()
            break
        except OSError:
            assert time.monotonic() < deadline and server.poll() is None, open(f"{work}/log").read()
            time.sleep(0.1)
    assert not any(first.values())
    slow = [ask("/slow") for _ in range(4)]
    assert all(status == 200 and waited >= 0.5 for status, waited in slow)
    few = times()
    average, maximum = few["up response_time_average_seconds"], few["up max_response_time_seconds"]
    print(f"4 requests of 0.5 s: average {average}, largest {maximum}")
    assert 0.002 <= average <= 0.008 and maximum >= 0.5
    waited, shares = [seconds for _, seconds in slow], []
    with ThreadPoolExecutor(8) as pool:
        for count in (124, 384):
            answers = list(pool.map(ask, ["/"] * count))
            assert {status for status, _ in answers} == {200}
            waited += [seconds for _, seconds in answers]
            average, true = times()["up response_time_average_seconds"], sum(waited) / len(waited)
            shares.append(average / true)
            print(f"{len(waited)} requests: average {average}, clients waited {true:.3f} s")
    assert shares[0] < 0.5 and 0.6 < shares[1] < 1.3, shares
    status, seconds = ask("/down")
    down = {name: value for name, value in times().items() if name.startswith("down")}
    print(f"down: {status} after {seconds:.1f} s: {down}")
    assert status == 503 and seconds >= 0.9 and down and not any(down.values())
finally:
    server.terminate()
    server.wait(20)
PYTHON
timeout 100 python3 "$work/probe.py" "$work/root" "$work"
