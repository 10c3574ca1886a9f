#!/usr/bin/env bash
# Packages: PyPI gunicorn 27.0.1, uvicorn-worker 0.4.0 with uvicorn 0.54.0.
#
# One would guess: gunicorn that is started with --statsd-host sends its metrics of requests (gunicorn.requests, gunicorn.request.duration,
# gunicorn.request.status.200), whatever worker class serves them; the access log, which is off by default, has nothing to do with it.
#
# Seen: so it is for "sync" and "gthread". The worker "asgi" of gunicorn itself sends them only if there is an access log, and uvicorn's worker never.
# The number of workers comes from all, so something arrives.
#   sync, gthread: gunicorn.workers, gunicorn.requests, gunicorn.request.duration, gunicorn.request.status.200
#   asgi: gunicorn.workers;  with --access-logfile: all
#   uvicorn_worker.UvicornWorker: gunicorn.workers, with --access-logfile too
#
# Why it matters: a service that moves from Flask to FastAPI keeps its command line but for the worker class, and its rate, errors and latency are
# zero from that day; an alert on an error rate never fires again. Give --access-logfile (/dev/null is enough) to "asgi", and measure in the
# application or at the proxy with uvicorn's worker.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check gunicorn==27.0.1 uvicorn-worker==0.4.0 uvicorn==0.54.0
cat > "$work/application.py" <<'PYTHON'
def wsgi(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
PYTHON
cat > "$work/probe.py" <<'PYTHON'
import http.client
import os
import socket
import subprocess
import sys
import time

work = sys.argv[1]
requests = {"gunicorn.requests", "gunicorn.request.duration", "gunicorn.request.status.200"}


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def names(worker, application, *options):
    statsd = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    statsd.bind(("127.0.0.1", 0))
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-k", worker, "-b", f"127.0.0.1:{port}", "--statsd-host", f"127.0.0.1:{statsd.getsockname()[1]}",
               *options, f"application:{application}"]
    with open(f"{work}/log", "w") as output:
        server = subprocess.Popen(command, cwd=work, env={"PATH": os.environ["PATH"], "HOME": work}, stdout=output, stderr=output)
    try:
        answered, deadline = 0, time.monotonic() + 30
        while answered < 5:
            assert time.monotonic() < deadline and server.poll() is None, open(f"{work}/log").read()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                connection.request("GET", "/")
                assert connection.getresponse().status == 200
                connection.close()
                answered += 1
            except OSError:
                time.sleep(0.1)
    finally:
        # All that is sent is sent before the workers have ended.
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    statsd.settimeout(0.5)
    seen = set()
    try:
        while True:
            seen.add(statsd.recv(4096).decode().split(":")[0])
    except TimeoutError:
        statsd.close()
    print(worker, *options[:1], sorted(seen))
    assert "gunicorn.workers" in seen, seen
    return seen


log = ("--access-logfile", os.devnull)
assert names("sync", "wsgi") >= requests
assert names("gthread", "wsgi") >= requests
assert not names("asgi", "asgi") & requests
assert names("asgi", "asgi", *log) >= requests
assert not names("uvicorn_worker.UvicornWorker", "asgi") & requests
assert not names("uvicorn_worker.UvicornWorker", "asgi", *log) & requests
PYTHON
timeout 200 "$work/venv/bin/python" "$work/probe.py" "$work"
