#!/usr/bin/env bash
# Packages: Debian 12 nginx 1.22.1-9+deb12u11, lighttpd 1.4.69-1, haproxy 2.6.12-1+deb12u4 with liblua5.3-0, libopentracing1 and
# libopentracing-c-wrapper0 (unpacked, not installed); PyPI gunicorn 27.0.1, aiohttp 3.14.5, uvicorn 0.54.0 with h11 0.16.0.
#
# One would guess: servers and proxies as they come take the 8192 bytes of baggage that W3C asks each to carry.
#
# Seen: half of them have a limit of 8 KiB for a line or for all of the header, so the name of the header, or the request line, is too much. The
# answers are 400 and 431, and the application hears nothing of it.
#   8000 bytes: all 200
#   8192 bytes: nginx 400, lighttpd 431, gunicorn 431, aiohttp 400; haproxy 200, uvicorn 200
#
# Why it matters: the limit of the SDKs is 8192 as well, so they do not keep baggage from growing into it. Then requests of some users fail, with a
# status that says it is the client's fault, before any span or log of the service; only the proxy's access log has them. Keep baggage below 4 KiB, or
# raise large_client_header_buffers, server.max-request-field-size, --limit-request-field_size and max_field_size.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download nginx=1.22.1-9+deb12u11 lighttpd=1.4.69-1 haproxy=2.6.12-1+deb12u4 liblua5.3-0 libopentracing1 \
    libopentracing-c-wrapper0)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check gunicorn==27.0.1 aiohttp==3.14.5 uvicorn==0.54.0 h11==0.16.0
cat > "$work/application.py" <<'PYTHON'
import sys


def wsgi(environment, start_response):
    body = str(len(environment["HTTP_BAGGAGE"])).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


async def asgi(scope, receive, send):
    body = str(len(dict(scope["headers"])[b"baggage"])).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    from aiohttp import web

    async def handler(request):
        return web.Response(text=str(len(request.headers["baggage"])))

    application = web.Application()
    application.router.add_get("/", handler)
    web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), print=None)
PYTHON
cat > "$work/probe.py" <<'PYTHON'
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

root, work = sys.argv[1:]


class Application(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        body = str(len(self.headers["baggage"])).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def ask(port, size):
    """Returns the status, and the length of the baggage that the application saw."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        baggage = b"k=" + b"v" * (size - 2)
        client.sendall(b"GET / HTTP/1.1\r\nHost: probe\r\nConnection: close\r\nbaggage: " + baggage + b"\r\n\r\n")
        head, body = client.makefile("rb").read().split(b"\r\n\r\n", 1)
    status = int(head.split()[1])
    return status, int(body) if status == 200 else None


behind = ThreadingHTTPServer(("127.0.0.1", 0), Application)
threading.Thread(target=behind.serve_forever, daemon=True).start()
ports = {name: free_port() for name in ("nginx", "lighttpd", "haproxy", "gunicorn", "aiohttp", "uvicorn")}
folders = "".join(f"{kind}_temp_path {work}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
configurations = {
    "nginx": f"daemon off; master_process off; pid {work}/pid; error_log {work}/error.log; events {{}}\nhttp {{ {folders} access_log off;\n"
    f"server {{ listen 127.0.0.1:{ports['nginx']}; location / {{ proxy_pass http://127.0.0.1:{behind.server_port}; }} }} }}\n",
    "lighttpd": f'server.modules = ("mod_proxy")\nserver.document-root = "{work}"\nserver.bind = "127.0.0.1"\n'
    f'server.port = {ports["lighttpd"]}\nproxy.server = ("" => (("host" => "127.0.0.1", "port" => {behind.server_port})))\n',
    "haproxy": "defaults\n mode http\n timeout client 20s\n timeout server 20s\n timeout connect 5s\n"
    f"frontend f\n bind 127.0.0.1:{ports['haproxy']}\n default_backend b\nbackend b\n server s 127.0.0.1:{behind.server_port}\n",
}
for name, text in configurations.items():
    with open(f"{work}/{name}.conf", "w") as file:
        file.write(text)
programs = f"{work}/venv/bin"
commands = {
    "nginx": [f"{root}/usr/sbin/nginx", "-c", f"{work}/nginx.conf", "-p", work, "-e", f"{work}/error.log"],
    "lighttpd": [f"{root}/usr/sbin/lighttpd", "-D", "-f", f"{work}/lighttpd.conf", "-m", f"{root}/usr/lib/lighttpd"],
    "haproxy": [f"{root}/usr/sbin/haproxy", "-db", "-f", f"{work}/haproxy.conf"],
    "gunicorn": [f"{programs}/gunicorn", "--bind", f"127.0.0.1:{ports['gunicorn']}", "application:wsgi"],
    "aiohttp": [f"{programs}/python", "application.py", str(ports["aiohttp"])],
    "uvicorn": [f"{programs}/uvicorn", "--port", str(ports["uvicorn"]), "--http", "h11", "--lifespan", "off", "application:asgi"],
}
environment = {**os.environ, "LD_LIBRARY_PATH": f"{root}/usr/lib/x86_64-linux-gnu", "PYTHONPATH": work}
seen = {}
with ExitStack() as stack:
    for name, command in commands.items():
        log = stack.enter_context(open(f"{work}/{name}.log", "w"))
        of_debian = {} if name in configurations else {"LD_LIBRARY_PATH": ""}
        server = subprocess.Popen(command, cwd=work, env={**environment, **of_debian}, stdout=log, stderr=log)
        stack.callback(server.wait, 20)
        stack.callback(server.terminate)
        deadline = time.monotonic() + 30
        while name not in seen:
            try:
                seen[name] = [ask(ports[name], 8000), ask(ports[name], 8192)]
            except ConnectionRefusedError:
                assert time.monotonic() < deadline and server.poll() is None, open(f"{work}/{name}.log").read()
                time.sleep(0.1)
        print(f"{name}: {seen[name]}")
assert all(small == (200, 8000) for small, _ in seen.values())
refused = {"nginx": 400, "lighttpd": 431, "gunicorn": 431, "aiohttp": 400}
assert {name: large for name, (_, large) in seen.items()} == {
    **{name: (status, None) for name, status in refused.items()}, "haproxy": (200, 8192), "uvicorn": (200, 8192),
}
PYTHON
timeout 100 "$work/venv/bin/python" "$work/probe.py" "$work/root" "$work"
