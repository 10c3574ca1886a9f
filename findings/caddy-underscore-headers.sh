#!/usr/bin/env bash
# Packages: Debian 12 caddy 2.6.2-5 and haproxy 2.6.12-1+deb12u4 with liblua5.3-0, libopentracing1 and libopentracing-c-wrapper0, Debian sid caddy
# 2.11.4-1 (unpacked, not installed).
#
# One would guess: that headers with an underscore in their name (x_request_id, trace_id) get lost is a thing of nginx, which has a switch for them.
# Caddy passes them on, as it always has; and a header that Connection names ends at the first proxy, as HTTP says.
#
# Seen: Caddy 2.6.2 passes headers with underscores on, 2.11.4 drops them, and its access log has them still. haproxy passes on a traceparent that
# the client has in Connection, together with that Connection; Caddy drops it, and the application starts a new trace.
#   x_request_id: Caddy 2.6.2 passed, 2.11.4 dropped, haproxy 2.6.12 passed
#   Connection: traceparent: Caddy 2.6.2 dropped, 2.11.4 dropped, haproxy 2.6.12 passed
#
# Why it matters: a header for correlation that worked for years ends with an upgrade of the proxy; the log of the proxy shows it, so it is looked
# for in the application. Name such headers with hyphens, or carry traceparent.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work/12" "$work/sid" "$work/haproxy"
chmod 755 "$work"
chmod 777 "$work/12"
mirror=$(grep -rhoE '^(URIs: |deb (\[[^]]*\] )?)https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2> "$work/null" \
    | grep -m 1 -oE 'https?://[^ ]*/debian/?$' || true)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$work/apt/sources.list"
apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
(cd "$work/12" && apt-get download -qq caddy=2.6.2-5 haproxy=2.6.12-1+deb12u4 liblua5.3-0 libopentracing1 libopentracing-c-wrapper0)
(cd "$work/sid" && "${apt[@]}" download caddy=2.11.4-1)
for suite in 12 sid; do for package in "$work/$suite"/*.deb; do dpkg -x "$package" "$work/root-$suite"; done; done
cat > "$work/probe.py" <<'PYTHON'
import os
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

work = sys.argv[1]
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
heads = []


class Application(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        heads.append({name.lower(): value for name, value in self.headers.items()})
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def passed(title, folder, command, configuration):
    """Starts a proxy, and returns which headers of two requests it passes on, and what it logs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open(f"{folder}/conf", "w") as file:
        file.write(configuration % {"port": port, "application": application.server_port, "folder": folder})
    libraries = f"{work}/root-12/usr/lib/x86_64-linux-gnu"
    environment = {**os.environ, "HOME": folder, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder, "LD_LIBRARY_PATH": libraries}
    with open(f"{folder}/log", "w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    deadline = time.monotonic() + 40
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert time.monotonic() < deadline and server.poll() is None, open(f"{folder}/log").read()
                time.sleep(0.1)
        heads.clear()
        for connection in ("close", "close, traceparent"):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
                head = ["GET / HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Connection: {connection}", f"traceparent: {PARENT}", "x_request_id: 4711"]
                client.sendall("\r\n".join([*head, "", ""]).encode())
                assert client.makefile("rb").readline().split()[1] == b"200"
        plain, named = heads
        assert plain["traceparent"] == PARENT
        seen = ("x_request_id" in plain, "traceparent" in named)
        print(f"{title}: x_request_id passed {seen[0]}, traceparent named in Connection passed {seen[1]}")
        if title != "haproxy":
            while not os.path.exists(f"{folder}/access.log") or open(f"{folder}/access.log").read().count("\n") < 2:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            assert '"4711"' in open(f"{folder}/access.log").read()
        return seen
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


application = ThreadingHTTPServer(("127.0.0.1", 0), Application)
threading.Thread(target=application.serve_forever, daemon=True).start()
CADDY = """{
 admin off
 auto_https off
}
http://127.0.0.1:%(port)d {
 log {
  output file %(folder)s/access.log
 }
 reverse_proxy 127.0.0.1:%(application)d
}
"""
HAPROXY = """defaults
 mode http
 timeout client 20s
 timeout server 20s
 timeout connect 20s
frontend f
 bind 127.0.0.1:%(port)d
 default_backend b
backend b
 server s 127.0.0.1:%(application)d
"""
seen = {
    f"caddy {suite}": passed(
        f"caddy {suite}", f"{work}/{suite}",
        [f"{work}/root-{suite}/usr/bin/caddy", "run", "--config", f"{work}/{suite}/conf", "--adapter", "caddyfile"], CADDY,
    )
    for suite in ("12", "sid")
}
haproxy = [f"{work}/root-12/usr/sbin/haproxy", "-db", "-f", f"{work}/haproxy/conf"]
seen["haproxy"] = passed("haproxy", f"{work}/haproxy", haproxy, HAPROXY)
assert seen == {"caddy 12": (True, False), "caddy sid": (False, False), "haproxy": (True, True)}, seen
application.shutdown()
PYTHON
timeout 110 python3 "$work/probe.py" "$work"
