#!/usr/bin/env bash
# Packages: PyPI uvicorn 0.54.0, hypercorn 0.18.0, gunicorn 27.0.1, granian 2.8.9.
#
# One would guess: each request has one line in the access log, also one whose client goes away while it waits; its status is 200, as the application
# said, or one of its own, as nginx has 499.
#
# Seen: uvicorn writes no line. hypercorn writes two: one without a status when the client goes, and one with 200 when the application is done.
# gunicorn and granian write 200. A client that goes in the middle of the response has a line with 200 everywhere, and with hypercorn the other one as
# well.
#   client goes before the response: uvicorn none, hypercorn "-" and 200, gunicorn 200, granian 200
#   client goes during the response: uvicorn 200, hypercorn "-" and 200, gunicorn 200, granian 200
#
# Why it matters: clients go when a service is slow. Then requests vanish from rates that are made of uvicorn's log, are doubled in those of
# hypercorn's, and are successes in the others; and none of the lines says that nobody got the answer. Take such rates from the proxy in front.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check uvicorn==0.54.0 hypercorn==0.18.0 gunicorn==27.0.1 granian==2.8.9
cat > "$work/application.py" <<'PYTHON'
import asyncio
import time


async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await asyncio.sleep(1 if scope["path"] == "/before" else 0)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(5):
        await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await asyncio.sleep(0.3 if scope["path"] == "/during" else 0)
    await send({"type": "http.response.body", "body": b""})


def wsgi(environment, start_response):
    path = environment["PATH_INFO"]
    time.sleep(1 if path == "/before" else 0)
    start_response("200 OK", [("Content-Type", "text/plain")])

    def chunks():
        for _ in range(5):
            yield b"x"
            time.sleep(0.3 if path == "/during" else 0)

    return chunks()
PYTHON
cat > "$work/probe.py" <<'PYTHON'
import os
import re
import socket
import subprocess
import sys
import time

work = sys.argv[1]
programs = f"{work}/venv/bin"


def ask(port, path, patience):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n".encode())
        if patience:
            time.sleep(patience)
        else:
            assert client.makefile("rb").read().startswith(b"HTTP/1.1 200")


def lines(name, command):
    """Asks a server three times, and returns the statuses of its lines by path."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open(f"{work}/{name}.log", "w") as log:
        server = subprocess.Popen([f"{programs}/{name}", *command(port)], cwd=work, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": work})
    deadline = time.monotonic() + 40
    try:
        while True:
            try:
                ask(port, "/", 0)
                break
            except ConnectionRefusedError:
                assert time.monotonic() < deadline and server.poll() is None, open(f"{work}/{name}.log").read()
                time.sleep(0.1)
        ask(port, "/before", 0.3)
        ask(port, "/during", 0.5)
        time.sleep(3)
    finally:
        server.terminate()
        server.wait(20)
    with open(f"{work}/{name}.log") as log:
        text = log.read()
    found = re.findall(r'STATUS (\S+) PATH (\S+)', text) or [(status, path) for path, status in re.findall(r'"GET (\S+) HTTP/1.1" (\d+)', text)]
    return {path: [status for status, of in found if of == path] for path in ("/", "/before", "/during")}


seen = {
    "uvicorn": lines("uvicorn", lambda port: ["application:asgi", "--port", str(port)]),
    "hypercorn": lines("hypercorn", lambda port: ["application:asgi", "-b", f"127.0.0.1:{port}", "--access-logfile", "-",
                                                  "--access-logformat", "STATUS %(s)s PATH %(U)s"]),
    "gunicorn": lines("gunicorn", lambda port: ["application:wsgi", "-b", f"127.0.0.1:{port}", "--access-logfile", "-",
                                                "--access-logformat", "STATUS %(s)s PATH %(U)s"]),
    "granian": lines("granian", lambda port: ["application:asgi", "--interface", "asgi", "--port", str(port), "--access-log",
                                              "--access-log-fmt", "STATUS %(status)s PATH %(path)s"]),
}
for name, statuses in seen.items():
    print(f"{name}: {statuses}")
once = {"/": ["200"], "/before": ["200"], "/during": ["200"]}
twice = ["-", "200"]
assert seen == {"uvicorn": {**once, "/before": []}, "hypercorn": {**once, "/before": twice, "/during": twice}, "gunicorn": once, "granian": once}
PYTHON
timeout 100 "$work/venv/bin/python" "$work/probe.py" "$work"
