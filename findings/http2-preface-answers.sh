#!/usr/bin/env bash
# Packages: PyPI uvicorn 0.54.0 with h11 0.16.0 and httptools 0.9.0, waitress 3.0.2, aiohttp 3.14.5, cheroot 11.1.2; http.server of Python 3.
#
# One would guess: a server that speaks HTTP/1 alone answers the preface of HTTP/2 ("PRI * HTTP/2.0") with a status line and an error, 505 or 400,
# and no application hears of it. RFC 9113 chose the preface so that it would be refused.
#
# Seen: half of them do. Two hand it to the application as a request of the method PRI, and send its 200; one answers without a status line or a
# header, as to HTTP/0.9.
#   uvicorn with httptools: HTTP/1.1 400 Bad Request, application called 0 times
#   aiohttp: HTTP/1.0 400 Bad Request, application called 0 times
#   cheroot: HTTP/1.1 505 HTTP Version Not Supported, application called 0 times
#   uvicorn with h11: HTTP/1.1 200 OK, application called 1 times with PRI *
#   waitress: HTTP/1.0 200 OK, application called 1 times with PRI *
#   http.server: <!DOCTYPE HTML>, application called 0 times
#
# Why it matters: an exporter of OTLP over gRPC whose endpoint is an HTTP port cannot count on "HTTP/1.1 4…" to say so: it gets a success, or
# HTML. And the service that listens there records requests of a method PRI with status 200, one for each try.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check uvicorn==0.54.0 h11==0.16.0 httptools==0.9.0 waitress==3.0.2 \
    aiohttp==3.14.5 cheroot==11.1.2
cat > "$work/serve.py" <<'PYTHON'
import sys

port = int(sys.argv[2])


def note(method, path):
    print(method, path, file=sys.stderr, flush=True)


def wsgi(environment, start):
    note(environment["REQUEST_METHOD"], environment["PATH_INFO"])
    start("200 OK", [("Content-Length", "2")])
    return [b"ok"]


async def asgi(scope, receive, send):
    if scope["type"] == "http":
        note(scope["method"], scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


def uvicorn(parser):
    import uvicorn

    uvicorn.run(asgi, host="127.0.0.1", port=port, http=parser, log_level="critical", lifespan="off")


def waitress():
    import waitress

    waitress.serve(wsgi, listen=f"127.0.0.1:{port}", _quiet=True)


def aiohttp():
    from aiohttp import web

    async def handle(request):
        note(request.method, request.path)
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


def cheroot():
    from cheroot.wsgi import Server

    Server(("127.0.0.1", port), wsgi).start()


def standard():
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_PRI(self):
            note(self.command, self.path)

    HTTPServer(("127.0.0.1", port), Handler).serve_forever()


{
    "uvicorn with httptools": lambda: uvicorn("httptools"),
    "aiohttp": aiohttp,
    "cheroot": cheroot,
    "uvicorn with h11": lambda: uvicorn("h11"),
    "waitress": waitress,
    "http.server": standard,
}[sys.argv[1]]()
PYTHON
cat > "$work/probe.py" <<'PYTHON'
import socket
import subprocess
import sys
import time

preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5)
expected = {
    "uvicorn with httptools": ("HTTP/1.1 400 Bad Request", 0),
    "aiohttp": ("HTTP/1.0 400 Bad Request", 0),
    "cheroot": ("HTTP/1.1 505 HTTP Version Not Supported", 0),
    "uvicorn with h11": ("HTTP/1.1 200 OK", 1),
    "waitress": ("HTTP/1.0 200 OK", 1),
    "http.server": ("<!DOCTYPE HTML>", 0),
}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def connect(port):
    for _ in range(300):
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=10)
        except ConnectionRefusedError:
            time.sleep(0.1)
    sys.exit("the server did not start")


for name, wanted in expected.items():
    port = free_port()
    with open(f"{sys.argv[1]}/requests", "w+") as requests:
        server = subprocess.Popen([sys.executable, f"{sys.argv[1]}/serve.py", name, str(port)], stderr=requests)
        try:
            answer = b""
            with connect(port) as connection:
                connection.sendall(preface)
                try:
                    while received := connection.recv(65536):
                        answer += received
                except (ConnectionResetError, TimeoutError):
                    pass
        finally:
            server.terminate()
            server.wait(20)
        requests.seek(0)
        calls = [line.strip() for line in requests if line.startswith("PRI ")]
    first = answer.decode("latin-1").splitlines()[0] if answer else "nothing"
    print(f"{name}: {first}, application called {len(calls)} times{''.join(f' with {call}' for call in calls)}")
    assert (first, len(calls)) == wanted and set(calls) <= {"PRI *"}
PYTHON
timeout 150 "$work/venv/bin/python" "$work/probe.py" "$work"
