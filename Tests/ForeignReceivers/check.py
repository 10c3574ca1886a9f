#!/usr/bin/env python3
"""Sends telemetry to receivers that others have written, over each wire and compression, and counts what arrives.

Receivers: a server of grpcio (PyPI) with failures by a script, rotel (PyPI), and the OpenTelemetry Collector that OTELCOL names. rotel and the
Collector hand on what they take to a receiver of this program. What cannot be had is left out, and said.

It needs Python 3.9 or newer with venv, and PyPI. All traffic stays on loopback.
"""

import collections
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(__file__).resolve().parent
SCRATCH = ROOT / ".build-foreign"
SWIFT = os.environ.get("SWIFT", "swift")
PACKAGES = ["grpcio==1.85.3", "grpcio-status==1.85.3", "opentelemetry-proto==1.45.1", "rotel==0.0.1a15"]
COUNT = 3000
PATIENCE = 60
SIGNALS = ("spans", "records", "points")


def installed():
    """Runs this program again with the packages of PyPI, in a folder of their own."""
    venv = SCRATCH / "venv"
    python = venv / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True)
    os.execv(str(python), [str(python), "-B", __file__, "--installed"])


if "--installed" not in sys.argv:
    installed()

import gzip
import http.server
import importlib.util
from concurrent import futures

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

REQUESTS = {
    "trace": (traces.ExportTraceServiceRequest, traces.ExportTraceServiceResponse),
    "logs": (logs.ExportLogsServiceRequest, logs.ExportLogsServiceResponse),
    "metrics": (metrics.ExportMetricsServiceRequest, metrics.ExportMetricsServiceResponse),
}


class Counts:
    """The names of what has arrived, with how often."""

    def __init__(self):
        self.lock = threading.Lock()
        self.names = {signal: collections.Counter() for signal in SIGNALS}

    def take(self, request):
        with self.lock:
            for resource in getattr(request, "resource_spans", ()):
                self.names["spans"].update(span.name for scope in resource.scope_spans for span in scope.spans)
            for resource in getattr(request, "resource_logs", ()):
                self.names["records"].update(record.body.string_value for scope in resource.scope_logs for record in scope.log_records)
            for resource in getattr(request, "resource_metrics", ()):
                for scope in resource.scope_metrics:
                    for metric in scope.metrics:
                        for point in metric.sum.data_points:
                            self.names["points"][metric.name] = max(self.names["points"][metric.name], 0) + point.as_int

    def text(self):
        with self.lock:
            different = [len(self.names[signal]) for signal in SIGNALS[:2]] + [self.names["points"]["numbers"]]
            doubles = sum(sum(self.names[signal].values()) - len(self.names[signal]) for signal in SIGNALS[:2])
        return different, doubles

    def is_whole(self):
        different, doubles = self.text()
        return different == [COUNT] * 3 and doubles == 0


class HTTPReceiver:
    """Takes OTLP over HTTP from the agents."""

    def __init__(self):
        self.counts = counts = Counts()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.read()
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                kind = "trace" if "traces" in self.path else "logs" if "logs" in self.path else "metrics"
                counts.take(REQUESTS[kind][0].FromString(body))
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def read(self):
                if self.headers.get("Transfer-Encoding") != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class GRPCReceiver:
    """A server of grpcio, whose first calls of each service fail as a list of functions says."""

    def __init__(self, *failures, port=0):
        self.counts, self.calls, self.timeouts = Counts(), collections.Counter(), []
        self.failures = {kind: list(failures) for kind in REQUESTS}
        self.server = grpc.server(
            futures.ThreadPoolExecutor(8), handlers=[self.handler(kind) for kind in REQUESTS],
            options=[("grpc.max_receive_message_length", 64 << 20), ("grpc.so_reuseport", 0)])
        self.port = self.server.add_insecure_port(f"127.0.0.1:{port}")
        self.server.start()

    def handler(self, kind):
        request_type, response_type = REQUESTS[kind]

        def export(request, context):
            self.calls[kind] += 1
            self.timeouts.append(context.time_remaining())
            response = response_type()
            if self.failures[kind]:
                self.failures[kind].pop(0)(context, response)
            self.counts.take(request)
            return response

        method = grpc.unary_unary_rpc_method_handler(export, request_type.FromString, response_type.SerializeToString)
        service = f"opentelemetry.proto.collector.{kind}.v1.{kind.capitalize()}Service"
        return grpc.method_handlers_generic_handler(service, {"Export": method})


def refusal(code, delay=None):
    """Returns a failure with a status, and a RetryInfo if there is a delay in seconds."""

    def refuse(context, _):
        if delay is None:
            context.abort(code, "by the script: später")
        detail = any_pb2.Any()
        detail.Pack(error_details_pb2.RetryInfo(retry_delay=duration_pb2.Duration(nanos=int(delay * 1e9))))
        context.abort_with_status(rpc_status.to_status(status_pb2.Status(code=code.value[0], message="later", details=[detail])))

    return refuse


def partial(context, response):
    """Rejects one item, and takes the others."""
    for name in ("rejected_spans", "rejected_log_records", "rejected_data_points"):
        if hasattr(response.partial_success, name):
            setattr(response.partial_success, name, 1)
    response.partial_success.error_message = "one is bad"


def slow(context, _):
    """Answers after a while."""
    threading.Event().wait(0.4)


class Table:
    """Prints what holds and what does not."""

    def __init__(self):
        self.failed = 0

    def hold(self, text, condition, details=""):
        self.failed += not condition
        print("✔" if condition else "✘", text, "" if condition else details, flush=True)


def send(program, port, protocol="grpc", compression="none", **variables):
    """Runs the sender; returns what its SDK says of each pipeline."""
    environment = {
        "PATH": os.environ.get("PATH", ""), "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol, "OTEL_EXPORTER_OTLP_COMPRESSION": compression, "OTEL_BSP_MAX_QUEUE_SIZE": "10000",
        "OTEL_BLRP_MAX_QUEUE_SIZE": "10000", **variables,
    }
    result = subprocess.run(
        [str(program), str(COUNT)], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        timeout=2 * PATIENCE)
    rows = {}
    for line in result.stdout.splitlines():
        name, accepted, exported, dropped, retries, reasons = line.split()
        kind = "spans" if "span" in name else "records" if "log" in name else "points"
        rows[kind] = {"exported": int(exported), "dropped": int(dropped), "retries": int(retries), "reasons": reasons}
    return rows, result.stderr


def is_clean(rows):
    """True if everything was exported, as the SDK counts."""
    return rows.get("spans", {}).get("exported") == COUNT and rows["records"]["exported"] == COUNT and not any(row["dropped"] for row in rows.values())


def eventually(condition):
    """Waits until a condition holds, at most as long as patience lasts."""
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def with_grpcio(program, table):
    """The server of grpcio: what arrives, and every kind of failure."""
    for compression in ("none", "gzip"):
        receiver = GRPCReceiver()
        rows, errors = send(program, receiver.port, compression=compression)
        table.hold(f"grpcio, {compression}: all arrive once", receiver.counts.is_whole() and is_clean(rows), (rows, receiver.counts.text(), errors))
        table.hold("  every call has a deadline", all(left and left <= 30.5 for left in receiver.timeouts), receiver.timeouts)
        receiver.server.stop(0)
    code = grpc.StatusCode
    retried = {
        "UNAVAILABLE": refusal(code.UNAVAILABLE), "RESOURCE_EXHAUSTED with RetryInfo": refusal(code.RESOURCE_EXHAUSTED, 0.1),
        "ABORTED": refusal(code.ABORTED), "DATA_LOSS": refusal(code.DATA_LOSS),
    }
    for name, failure in retried.items():
        receiver = GRPCReceiver(failure)
        rows, errors = send(program, receiver.port)
        table.hold(
            f"grpcio, {name} first: sent again, all arrive once",
            receiver.counts.is_whole() and is_clean(rows) and rows["spans"]["retries"] >= 1, (rows, receiver.counts.text(), errors))
        receiver.server.stop(0)
    for name, failure in {"RESOURCE_EXHAUSTED alone": refusal(code.RESOURCE_EXHAUSTED), "INVALID_ARGUMENT": refusal(code.INVALID_ARGUMENT)}.items():
        receiver = GRPCReceiver(failure)
        rows, errors = send(program, receiver.port)
        kept, doubles = receiver.counts.text()
        row = rows["spans"]
        table.hold(
            f"grpcio, {name} first: that batch is dropped, the others arrive once",
            doubles == 0 and row["reasons"] == "rejected" and 0 < row["dropped"] < COUNT and kept[0] == row["exported"] == COUNT - row["dropped"]
            and "später" in errors, (rows, kept, errors))
        receiver.server.stop(0)
    receiver = GRPCReceiver(partial)
    rows, errors = send(program, receiver.port)
    table.hold(
        "grpcio, a partial success: what is rejected is counted, nothing is sent again",
        receiver.counts.is_whole() and rows["spans"]["dropped"] == 1 and rows["records"]["dropped"] == 1, (rows, receiver.counts.text(), errors))
    receiver.server.stop(0)
    receiver = GRPCReceiver(slow, slow)
    rows, errors = send(program, receiver.port)
    table.hold("grpcio, slow answers: all arrive once", receiver.counts.is_whole() and is_clean(rows), (rows, receiver.counts.text(), errors))
    receiver.server.stop(0)
    with_restart(program, table)


def with_restart(program, table):
    """A server that ends with calls under way, and begins again on its port."""
    first = GRPCReceiver(slow)
    outcome = {}
    sender = threading.Thread(target=lambda: outcome.update(zip(("rows", "errors"), send(program, first.port))))
    sender.start()
    eventually(lambda: first.calls["trace"] > 0)
    first.server.stop(0).wait()
    second = GRPCReceiver(port=first.port)
    sender.join(2 * PATIENCE)
    arrived = {name for counts in (first.counts, second.counts) for name in counts.names["spans"]}
    table.hold("grpcio, the server starts anew: all arrive", len(arrived) == COUNT and is_clean(outcome["rows"]), (len(arrived), outcome))
    second.server.stop(0)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def with_agent(name, command, program, table, wires):
    """An agent that hands on what it takes; the command is made of its ports and of where it sends to."""
    for protocol, compression in wires:
        receiver = HTTPReceiver()
        with tempfile.TemporaryDirectory() as work:
            rpc, web = free_port(), free_port()
            with subprocess.Popen(command(pathlib.Path(work), rpc, web, receiver.url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as agent:
                try:
                    port = rpc if protocol == "grpc" else web
                    if not eventually(lambda: agent.poll() is not None or listens(port)) or agent.poll() is not None:
                        table.hold(f"{name} starts", False, f"it ended with {agent.poll()}")
                        return
                    rows, errors = send(program, port, protocol, compression)
                    whole = eventually(receiver.counts.is_whole) if is_clean(rows) else False
                    table.hold(f"{name}, {protocol}, {compression}: all arrive once", whole, (rows, receiver.counts.text(), errors[:2000]))
                finally:
                    agent.terminate()


def rotel(work, rpc, web, url):
    return [
        str(pathlib.Path(importlib.util.find_spec("rotel").origin).parent / "rotel-agent"), "start", "--otlp-grpc-endpoint", f"127.0.0.1:{rpc}", "--otlp-http-endpoint", f"127.0.0.1:{web}",
        "--otlp-exporter-endpoint", url, "--otlp-exporter-protocol", "http", "--pid-file", str(work / "pid"), "--log-file", str(work / "log"),
    ]


def collector(program):
    def command(work, rpc, web, url):
        file = work / "otelcol.yaml"
        file.write_text(f"""
receivers: {{otlp: {{protocols: {{grpc: {{endpoint: "127.0.0.1:{rpc}"}}, http: {{endpoint: "127.0.0.1:{web}"}}}}}}}}
exporters: {{otlp_http: {{endpoint: "{url}", compression: none}}}}
service:
  telemetry: {{metrics: {{level: none}}, logs: {{level: error}}}}
  pipelines:
    traces: {{receivers: [otlp], exporters: [otlp_http]}}
    logs: {{receivers: [otlp], exporters: [otlp_http]}}
    metrics: {{receivers: [otlp], exporters: [otlp_http]}}
""")
        return [program, "--config", str(file)]

    return command


def main():
    package = ["--package-path", str(FOLDER / "Sender"), "--scratch-path", str(SCRATCH / "build")]
    if subprocess.run([SWIFT, "build", *package]).returncode != 0:
        sys.exit("the sender could not be built.")
    folder = subprocess.run([SWIFT, "build", *package, "--show-bin-path"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    program = pathlib.Path(folder) / "Sender"
    table = Table()
    with_grpcio(program, table)
    plain = [("grpc", "none"), ("grpc", "gzip"), ("grpc", "zstd"), ("http/protobuf", "none"), ("http/protobuf", "gzip")]
    plain += [("http/protobuf", "zstd"), ("http/json", "none")]
    # It takes no zstd, and loses whole numbers of JSON (findings/rotel-json-integer-points.sh).
    with_agent("rotel", rotel, program, table, [wire for wire in plain if wire[1] != "zstd" and wire[0] != "http/json"])
    if path := os.environ.get("OTELCOL"):
        with_agent("OpenTelemetry Collector", collector(path), program, table, plain)
    else:
        print("– OpenTelemetry Collector: left out, OTELCOL names none")
    print(f"foreign receivers: {'all hold' if not table.failed else f'{table.failed} do not hold'}")
    sys.exit(1 if table.failed else 0)


main()
