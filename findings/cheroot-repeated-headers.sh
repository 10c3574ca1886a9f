#!/usr/bin/env bash
# Packages: PyPI cheroot 11.1.2, waitress 3.0.2, gunicorn 27.0.1, Werkzeug 3.1.9; wsgiref of Python 3.
#
# One would guess: a header that comes on several lines (tracestate and baggage are lists, HTTP lets each proxy add a line) reaches a WSGI application
# as one value, joined by commas, as WSGI inherited it from CGI.
#
# Seen: so it is with four servers. cheroot, CherryPy's server, has a list of the headers that it joins, and of all others it keeps the last line.
#   tracestate: a=1 / tracestate: b=2
#   waitress, gunicorn, wsgiref, Werkzeug: a=1,b=2
#   cheroot: b=2
#   cheroot, accept: a, b (is on its list)
#
# Why it matters: the service continues the trace and has lost entries of tracestate that hold the sampling probability or the other vendor's parent,
# and baggage in part. Join lines in the proxy in front.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check cheroot==11.1.2 waitress==3.0.2 gunicorn==27.0.1 Werkzeug==3.1.9
cat > "$work/application.py" <<'PYTHON'
def application(environment, start_response):
    body = f"{environment['HTTP_TRACESTATE']} {environment['HTTP_ACCEPT']}".encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
PYTHON
cat > "$work/serve.py" <<'PYTHON'
import sys

from application import application

name, port = sys.argv[1], int(sys.argv[2])
if name == "cheroot":
    from cheroot.wsgi import Server

    Server(("127.0.0.1", port), application).start()
elif name == "waitress":
    import waitress

    waitress.serve(application, host="127.0.0.1", port=port)
elif name == "gunicorn":
    from gunicorn.app.wsgiapp import run

    sys.argv = ["gunicorn", "--bind", f"127.0.0.1:{port}", "application:application"]
    run()
elif name == "wsgiref":
    from wsgiref.simple_server import make_server

    make_server("127.0.0.1", port, application).serve_forever()
else:
    from werkzeug.serving import run_simple

    run_simple("127.0.0.1", port, application)
PYTHON
cat > "$work/probe.py" <<'PYTHON'
import socket
import subprocess
import sys
import time

folder = sys.argv[1]


def ask(port):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(
            b"GET / HTTP/1.1\r\nHost: probe\r\nConnection: close\r\ntracestate: a=1\r\ntracestate: b=2\r\naccept: a\r\naccept: b\r\n\r\n"
        )
        return client.makefile("rb").read().split(b"\r\n\r\n", 1)[1].decode()


seen = {}
for name in ("cheroot", "waitress", "gunicorn", "wsgiref", "Werkzeug"):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open(f"{folder}/log", "w") as log:
        server = subprocess.Popen([sys.executable, "serve.py", name, str(port)], cwd=folder, stdout=log, stderr=log)
    deadline = time.monotonic() + 30
    try:
        while name not in seen:
            try:
                seen[name] = ask(port)
            except ConnectionRefusedError:
                assert time.monotonic() < deadline and server.poll() is None, open(f"{folder}/log").read()
                time.sleep(0.1)
    finally:
        server.terminate()
        server.wait(20)
    print(f"{name}: {seen[name]}")
assert seen.pop("cheroot") == "b=2 a, b"
assert {text.replace(", ", ",") for text in seen.values()} == {"a=1,b=2 a,b"}
PYTHON
timeout 100 "$work/venv/bin/python" "$work/probe.py" "$work"
