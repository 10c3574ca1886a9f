#!/usr/bin/env bash
# Packages: Debian 12 nginx 1.22.1-9+deb12u11, apache2-bin 2.4.71-1~deb12u1 with libapr1 and libaprutil1, haproxy 2.6.12-1+deb12u4 with liblua5.3-0,
# libopentracing1 and libopentracing-c-wrapper0 (unpacked, not installed).
#
# One would guess: a trailer of a chunked response, where an application puts Server-Timing when it knows the times, reaches a client that asks for
# it (TE: trailers) through any proxy that speaks HTTP/1.1; one that cannot pass it drops the header Trailer, which announces it, too.
#
# Seen: haproxy passes both. Apache drops both. nginx drops the trailer and passes on the announcement. Nothing is logged, and the client has no way
# to know.
#   haproxy: Trailer: Server-Timing … server-timing: db;dur=5
#   apache: no Trailer, no trailer
#   nginx: Trailer: Server-Timing, no trailer
#
# Why it matters: times of the server, or the trace of a streamed response, are there in development and gone behind the proxy, and with nginx a
# client that waits for the announced field cannot tell. Send Server-Timing as a header, or what comes late in the body.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download nginx=1.22.1-9+deb12u11 apache2-bin=2.4.71-1~deb12u1 libapr1 libaprutil1 haproxy=2.6.12-1+deb12u4 \
    liblua5.3-0 libopentracing1 libopentracing-c-wrapper0)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/probe.py" <<'PYTHON'
import os
import socket
import subprocess
import sys
import threading
import time

root, work = sys.argv[1:]
RESPONSE = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Server-Timing\r\n\r\n2\r\nok\r\n0\r\nServer-Timing: db;dur=5\r\n\r\n"


def serve():
    while True:
        connection, _ = application.accept()
        with connection:
            request = connection.makefile("rb")
            while request.readline() not in (b"\r\n", b""):
                pass
            connection.sendall(RESPONSE)
            connection.shutdown(socket.SHUT_WR)
            request.read()


application = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, daemon=True).start()
backend = application.getsockname()[1]
names = ("mpm_event", "authz_core", "proxy", "proxy_http")
modules = "".join(f"LoadModule {name}_module {root}/usr/lib/apache2/modules/mod_{name}.so\n" for name in names)
folders = "".join(f"{kind}_temp_path {work}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
proxies = {
    "haproxy": (
        [f"{root}/usr/sbin/haproxy", "-db", "-f", f"{work}/haproxy"],
        "defaults\n mode http\n timeout client 20s\n timeout server 20s\n timeout connect 20s\n"
        f"frontend f\n bind 127.0.0.1:PORT\n default_backend b\nbackend b\n server s 127.0.0.1:{backend}\n",
    ),
    "nginx": (
        [f"{root}/usr/sbin/nginx", "-c", f"{work}/nginx", "-p", work, "-e", f"{work}/nginx.error"],
        f"daemon off; master_process off; pid {work}/nginx.pid; error_log {work}/nginx.error; events {{}}\nhttp {{ access_log off; {folders}\n"
        f"server {{ listen 127.0.0.1:PORT; location / {{ proxy_http_version 1.1; proxy_pass http://127.0.0.1:{backend}; }} }} }}\n",
    ),
    "apache": (
        [f"{root}/usr/sbin/apache2", "-X", "-f", f"{work}/apache"],
        f"{modules}ServerRoot {work}\nServerName localhost\nPidFile {work}/apache.pid\nDefaultRuntimeDir {work}\nErrorLog {work}/apache.error\n"
        f"Listen 127.0.0.1:PORT\nProxyPass / http://127.0.0.1:{backend}/\n",
    ),
}
environment = {**os.environ, "LD_LIBRARY_PATH": f"{root}/usr/lib/x86_64-linux-gnu"}
seen = {}
for title, (command, configuration) in proxies.items():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open(f"{work}/{title}", "w") as file:
        file.write(configuration.replace("PORT", str(port)))
    with open(f"{work}/{title}.log", "w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    deadline = time.monotonic() + 30
    try:
        while True:
            try:
                client = socket.create_connection(("127.0.0.1", port), timeout=20)
                break
            except OSError:
                assert time.monotonic() < deadline and server.poll() is None, open(f"{work}/{title}.log").read()
                time.sleep(0.1)
        client.sendall(b"GET / HTTP/1.1\r\nHost: probe\r\nTE: trailers\r\nConnection: TE, close\r\n\r\n")
        with client:
            head, body = client.makefile("rb").read().split(b"\r\n\r\n", 1)
    finally:
        server.terminate()
        server.wait(20)
    assert head.startswith(b"HTTP/1.1 200") and body.startswith(b"2\r\nok\r\n0\r\n"), (head, body)
    seen[title] = (b"trailer: server-timing" in head.lower(), b"server-timing: db;dur=5" in body.lower())
    print(f"{title}: announced {seen[title][0]}, there {seen[title][1]}: {body}")
assert seen == {"haproxy": (True, True), "nginx": (True, False), "apache": (False, False)}, seen
PYTHON
timeout 110 python3 "$work/probe.py" "$work/root" "$work"
