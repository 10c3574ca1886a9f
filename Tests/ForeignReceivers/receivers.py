"""What the checks share: receivers that count, the program that sends, and what holds."""

import collections
import gzip
import http.server
import os
import socket
import subprocess
import threading
import time
from concurrent import futures

import grpc
import zstandard
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

COUNT = 3000
PATIENCE = 60
SIGNALS = ("spans", "records", "points")

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
    """Takes OTLP over HTTP, in any compression.

    `arrived` is set at the first request; with a gate each request then waits until it opens, and has no answer.
    """

    def __init__(self, gate=None):
        self.counts = counts = Counts()
        self.arrived = arrived = threading.Event()
        self.encodings = encodings = collections.Counter()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.read()
                encoding = self.headers.get("Content-Encoding")
                encodings[encoding or "none"] += 1
                arrived.set()
                if gate:
                    gate.wait(PATIENCE)
                    self.close_connection = True
                    return
                if encoding == "gzip":
                    body = gzip.decompress(body)
                elif encoding == "zstd":
                    body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
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
    kept = all(rows.get(kind, {}).get("exported") == COUNT for kind in ("spans", "records"))
    return kept and not any(row["dropped"] for row in rows.values())


def eventually(condition):
    """Waits until a condition holds, at most as long as patience lasts."""
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
