#!/usr/bin/env bash
# Packages: PyPI gunicorn 27.0.1.
#
# One would guess: the time of a request in gunicorn's access log and in its StatsD metric gunicorn.request.duration is that from the request to the
# end of the answer, also for a request whose application raised.
#
# Seen: so it is with the worker "asgi". The workers "sync" and "gthread" begin to measure anew when the exception reaches them: what is told is the
# time of writing the traceback. The path (%(U)s) is "None", while the request line (%(r)s) has it.
#   application raises after 0.5 s, sync and gthread: log 500, some ms (below 0.4 s), path "None"; StatsD likewise
#   application raises after 0.5 s, asgi: log 500, 0.5 s, path /raise
#   application answers 500 after 0.5 s: log 500, 0.5 s in all three
#
# Why it matters: a database that is gone fails requests after its timeout. Dashboards then show the service faster than ever, the mean and all
# quantiles go down, and an alert on latency ends when the outage begins. Catch exceptions in the application (frameworks do so by default), or take
# the times from the proxy in front.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check gunicorn==27.0.1
cat > "$work/application.py" <<'PYTHON'
import asyncio
import time


def wsgi(environ, start_response):
    time.sleep(0.5)
    if environ["PATH_INFO"] == "/raise":
        raise RuntimeError("the database is gone")
    start_response("500 Internal Server Error", [("Content-Length", "0")])
    return [b""]


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        return
    await asyncio.sleep(0.5)
    if scope["path"] == "/raise":
        raise RuntimeError("the database is gone")
    await send({"type": "http.response.start", "status": 500, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
PYTHON
cat > "$work/probe.py" <<'PYTHON'
import http.client
import os
import re
import socket
import subprocess
import sys
import time

work = sys.argv[1]


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def ask(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    assert status == 500, status


def measure(worker, application):
    statsd = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    statsd.bind(("127.0.0.1", 0))
    statsd.settimeout(20)
    port, log = free_port(), f"{work}/access-{worker}"
    command = [sys.executable, "-m", "gunicorn", "-k", worker, "-b", f"127.0.0.1:{port}", "--statsd-host", f"127.0.0.1:{statsd.getsockname()[1]}",
               "--access-logfile", log, "--access-logformat", "%(s)s %(D)s %(U)s %(r)s", f"application:{application}"]
    with open(f"{work}/log", "w") as output:
        server = subprocess.Popen(command, cwd=work, env={"PATH": os.environ["PATH"], "HOME": work}, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + 30
        while True:
            assert time.monotonic() < deadline and server.poll() is None, open(f"{work}/log").read()
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        ask(port, "/raise")
        ask(port, "/answer")
        metric, durations = re.compile(r"gunicorn\.request\.duration:([0-9.]+)\|ms"), []
        while len(durations) < 2:
            durations += [float(text) for text in metric.findall(statsd.recv(4096).decode())]
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        statsd.close()
    lines = [line.split(" ", 3) for line in open(log).read().splitlines()]
    seen = [(int(status), int(time_) / 1e6, path, request) for status, time_, path, request in lines]
    print(worker, seen, "StatsD", durations)
    assert [(status, request) for status, _, _, request in seen] == [(500, "GET /raise HTTP/1.1"), (500, "GET /answer HTTP/1.1")], seen
    return seen, durations


for worker, application in (("sync", "wsgi"), ("gthread", "wsgi"), ("asgi", "asgi")):
    (raised, answered), durations = measure(worker, application)
    assert answered[1] > 0.45 and answered[2] == "/answer" and durations[1] > 450, worker
    if worker == "asgi":
        assert raised[1] > 0.45 and raised[2] == "/raise" and durations[0] > 450, worker
    else:
        assert raised[1] < 0.4 and raised[2] == "None" and durations[0] < 400, worker
PYTHON
timeout 150 "$work/venv/bin/python" "$work/probe.py" "$work"
