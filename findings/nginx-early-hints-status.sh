#!/usr/bin/env bash
# Package: Debian 12 nginx 1.22.1-9+deb12u11 (unpacked, not installed).
#
# One would guess: nginx, as a proxy that does not know 103 (Early Hints), which an application sends before its response, drops it, as HTTP lets a
# proxy do, and logs the status of the response.
#
# Seen: the 103 is the response for nginx, and what follows is its body, which it passes on as it came. The client takes it for what it is and sees
# 200 or 500. The log has 103 for both, as $status and as $upstream_status, and the header of the real response counts as bytes of the body.
#   application: 103, then 200 with 2 bytes: client 200, log {"status":103,"upstream":"103","bytes":40}
#   application: 103, then 500 with 2 bytes: client 500, log {"status":103,"upstream":"103","bytes":44}
#
# Why it matters: frameworks send hints by default or by one line of code. From then on rates of errors and of successes that are made from the
# access log have neither, a service that fails all requests has none in the class 5xx, and spans or metrics of the application disagree with the
# proxy.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download nginx=1.22.1-9+deb12u11)
dpkg -x "$work"/debian/nginx_*.deb "$work/root"
cat > "$work/probe.py" <<'PYTHON'
import json
import socket
import subprocess
import sys
import threading
import time

root, work = sys.argv[1:]
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
RESPONSES = {
    "/plain": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "/hints": HINTS + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "/failed": HINTS + b"HTTP/1.1 500 Failed\r\nContent-Length: 2\r\n\r\nno",
}


def serve():
    while True:
        connection, _ = application.accept()
        with connection:
            request = connection.makefile("rb")
            path = request.readline().split()[1].decode()
            while request.readline() not in (b"\r\n", b""):
                pass
            connection.sendall(RESPONSES[path])
            connection.shutdown(socket.SHUT_WR)
            request.read()


def final_status(path):
    """Asks nginx as a client that knows interim responses does, and returns the status and the body of the final one."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n".encode())
        answer = client.makefile("rb")
        while True:
            status = int(answer.readline().split()[1])
            while answer.readline() not in (b"\r\n", b""):
                pass
            if status >= 200:
                return status, answer.read()


application = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, daemon=True).start()
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
folders = "".join(f"{kind}_temp_path {work}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
with open(f"{work}/conf", "w") as file:
    file.write(
        f"daemon off; master_process off; pid {work}/pid; error_log {work}/error.log; events {{}}\nhttp {{ {folders}\n"
        """log_format line escape=json '{"path":"$uri","status":$status,"upstream":"$upstream_status","bytes":$body_bytes_sent}';\n"""
        f"access_log {work}/access.log line;\n"
        f"server {{ listen 127.0.0.1:{port}; proxy_http_version 1.1;\n"
        f"location / {{ proxy_pass http://127.0.0.1:{application.getsockname()[1]}; }} }} }}\n"
    )
server = subprocess.Popen([f"{root}/usr/sbin/nginx", "-c", f"{work}/conf", "-p", work, "-e", f"{work}/error.log"])
deadline = time.monotonic() + 40
try:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    clients = {path: final_status(path) for path in RESPONSES}
    lines = []
    while len(lines) < len(RESPONSES):
        assert time.monotonic() < deadline
        time.sleep(0.1)
        with open(f"{work}/access.log") as file:
            lines = [json.loads(line) for line in file]
finally:
    server.terminate()
    server.wait(20)
for line in lines:
    print("client", clients[line["path"]], "log", line)
assert clients == {"/plain": (200, b"ok"), "/hints": (200, b"ok"), "/failed": (500, b"no")}, clients
seen = {line["path"]: (line["status"], line["upstream"], line["bytes"]) for line in lines}
assert seen["/plain"] == (200, "200", 2) and seen["/hints"] == (103, "103", 40) and seen["/failed"][:2] == (103, "103"), seen
PYTHON
timeout 100 python3 "$work/probe.py" "$work/root" "$work"
