#!/usr/bin/env python3
"""Runs the pipeline of Documentation/Scale.md on this machine, and counts the spans at every hop.

    Benchmarks/Scale/run.py FOLDER      FOLDER has the executable Benchmarks, as .build/release

Three services end two spans each in every trace and send them by trace to gateways. Behind each gateway whole traces are sampled, what is kept
goes through Kafka to ClickHouse, and the numbers have to be equal from hop to hop.

TRACES (20,000) and GATEWAYS (3) set the size, PROTOCOL=grpc sends over gRPC. OTELCOL names an OpenTelemetry Collector with the OTLP receiver and the
otlp_http exporter, ROTEL an agent of rotel; without either the samplers are the gateways themselves, over HTTP. The broker is librdkafka's mock cluster and the database ClickHouse in this process, from PyPI, installed in a
temporary folder at pinned versions; PYTHON names an interpreter that has them already. All of it listens on loopback addresses, takes five minutes
at most, and nothing is left when it ends.
"""

import collections
import gzip
import http.server
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

PACKAGES = ["confluent-kafka==2.16.1", "chdb==4.4.0", "opentelemetry-proto==1.45.2"]
SERVICES = ["shop", "stock", "payment"]
SPANS_OF_SERVICE = 2
SPANS = SPANS_OF_SERVICE * len(SERVICES)
LIMIT = 300
QUIET = 3
TOPIC = "otlp_spans"
COLLECTOR = """
receivers: {otlp: {protocols: {%s: {endpoint: "127.0.0.1:%d"}}}}
processors: {batch: {timeout: 200ms}}
exporters: {otlp_http: {endpoint: "http://127.0.0.1:%d", compression: none}}
service:
  telemetry: {metrics: {level: none}, logs: {level: warn}}
  pipelines: {traces: {receivers: [otlp], processors: [batch], exporters: [otlp_http]}}
"""


def fail(message):
    sys.exit(f"run.py: {message}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if process.poll() is not None:
            fail(f"{process.args[0]} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    fail(f"nothing listens on port {port}")


class Sampler:
    """The sampling of whole traces behind one gateway: it takes OTLP over HTTP, and keeps traces with an error and every tenth other one."""

    def __init__(self):
        self.traces = collections.defaultdict(list)
        self.received = 0
        self.latest = time.monotonic()
        self.lock = threading.Lock()
        sampler = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sampler.take(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, body):
        request = ExportTraceServiceRequest.FromString(body)
        with self.lock:
            self.latest = time.monotonic()
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        self.received += 1
                        self.traces[span.trace_id].append((resource.resource, scope.scope, span))

    def kept(self):
        for trace, parts in self.traces.items():
            if any(span.status.code == 2 for _, _, span in parts) or int.from_bytes(trace[8:], "big") % 10 == 1:
                yield trace, parts


def request_of(parts):
    """Returns one trace as a request of OTLP, as a Kafka exporter that divides by trace writes it."""
    request = ExportTraceServiceRequest()
    of_service = {}
    for resource, scope, span in parts:
        name = service_of(resource)
        if name not in of_service:
            group = request.resource_spans.add()
            group.resource.CopyFrom(resource)
            of_service[name] = group.scope_spans.add()
            of_service[name].scope.CopyFrom(scope)
        of_service[name].spans.add().CopyFrom(span)
    return request.SerializeToString()


def service_of(resource):
    return next((pair.value.string_value for pair in resource.attributes if pair.key == "service.name"), "")


class Table:
    def __init__(self):
        self.isRight = True

    def row(self, hop, count, expected=None, note=""):
        verdict = "" if expected is None else "equal" if count == expected else f"NOT {expected:,}"
        self.isRight = self.isRight and (expected is None or count == expected)
        print(f"{hop:<58} {count:>10,}  {verdict:<8} {note}".rstrip(), flush=True)


def run(folder, work, children):
    traces, gateways = int(os.environ.get("TRACES") or 20_000), int(os.environ.get("GATEWAYS") or 3)
    program = pathlib.Path(folder) / "Benchmarks"
    if not program.exists():
        fail(f"{program} is missing: swift build -c release --product Benchmarks")
    samplers = [Sampler() for _ in range(gateways)]
    ports = [sampler.port for sampler in samplers]
    protocol = "grpc" if os.environ.get("PROTOCOL") == "grpc" else "http"
    collector, agent = os.environ.get("OTELCOL"), os.environ.get("ROTEL")
    if collector or agent:
        ports = [free_port() for _ in samplers]
        for port, sampler in zip(ports, samplers):
            if collector:
                file = work / f"gateway-{port}.yaml"
                file.write_text(COLLECTOR % (protocol, port, sampler.port))
                command = [collector, "--config", str(file)]
            else:
                command = [
                    agent, "start", f"--otlp-{protocol}-endpoint", f"127.0.0.1:{port}", f"--otlp-{'http' if protocol == 'grpc' else 'grpc'}-endpoint",
                    f"127.0.0.1:{free_port()}", "--otlp-exporter-endpoint", f"http://127.0.0.1:{sampler.port}", "--otlp-exporter-protocol", "http",
                    "--pid-file", str(work / f"rotel-{port}.pid"), "--log-file", str(work / f"rotel-{port}.log"), "--log-level", "error",
                ]
            children.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))
            wait_for_port(port, children[-1])
    elif protocol == "grpc":
        fail("PROTOCOL=grpc needs gateways that take it: OTELCOL or ROTEL")

    producer = confluent_kafka.Producer({"bootstrap.servers": "mock:1", "test.mock.num.brokers": "1", "log_level": 3})
    brokers = ",".join(f"{broker.host}:{broker.port}" for broker in producer.list_topics(timeout=10).brokers.values())

    table = Table()
    print(f"{len(SERVICES)} services, {traces:,} traces, {gateways} gateways ({'OpenTelemetry Collector' if collector else 'rotel' if agent else 'none but the samplers'}), OTLP over {protocol}")
    endpoints = [f"http://127.0.0.1:{port}" for port in ports]
    environment = os.environ | {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc" if protocol == "grpc" else "http/protobuf"}
    began = time.monotonic()
    sources = [
        subprocess.Popen([str(program), "--scale-source", service, "1", str(traces), *endpoints], stdout=subprocess.PIPE, text=True, env=environment)
        for service in SERVICES
    ]
    children += sources
    ended = delivered = 0
    for source in sources:
        health = json.loads(source.communicate(timeout=LIMIT)[0])
        ended += health["ended"]
        delivered += health["delivered"]
    seconds = time.monotonic() - began
    table.row("spans ended by the services", ended, traces * SPANS, f"{ended / seconds:,.0f} a second, start and end of the processes included")
    table.row("delivered, as their SDK counts", delivered, ended)

    while time.monotonic() - max(sampler.latest for sampler in samplers) < QUIET:
        time.sleep(0.1)
    received = sum(sampler.received for sampler in samplers)
    table.row("received behind the gateways", received, delivered)
    shares = ", ".join(f"{len(sampler.traces) * gateways / traces:.3f}" for sampler in samplers)
    table.row("traces there, each at one gateway", sum(len(sampler.traces) for sampler in samplers), traces, f"shares {shares}")
    table.row("traces with all their spans", sum(len(parts) == SPANS for sampler in samplers for parts in sampler.traces.values()), traces)

    produced = produced_spans = 0
    for sampler in samplers:
        for trace, parts in sampler.kept():
            producer.produce(TOPIC, request_of(parts), key=trace)
            produced += 1
            produced_spans += len(parts)
            if produced % 1000 == 0:
                producer.poll(0)
    left = producer.flush(30)
    expected = sum(number % 100 == 0 or number % 10 == 1 for number in range(1, traces + 1))
    table.row("traces kept: with an error, and every tenth", produced, expected)
    table.row("acknowledged by Kafka", produced - left, produced)

    consumed = rows = 0
    lines = work / "rows.jsonl"
    partitions = [confluent_kafka.TopicPartition(TOPIC, number, 0) for number in producer.list_topics(TOPIC, timeout=10).topics[TOPIC].partitions]
    consumer = confluent_kafka.Consumer({"bootstrap.servers": brokers, "group.id": "clickhouse", "enable.auto.commit": False, "log_level": 3})
    consumer.assign(partitions)
    until = time.monotonic() + 60
    with open(lines, "w") as file:
        while consumed < produced and time.monotonic() < until:
            for message in consumer.consume(500, 1):
                if message.error():
                    continue
                consumed += 1
                for resource in ExportTraceServiceRequest.FromString(message.value()).resource_spans:
                    for scope in resource.scope_spans:
                        for span in scope.spans:
                            rows += 1
                            row = {
                                "Timestamp": span.start_time_unix_nano, "TraceId": span.trace_id.hex(), "SpanId": span.span_id.hex(),
                                "SpanName": span.name, "ServiceName": service_of(resource.resource), "StatusCode": span.status.code,
                                "Duration": span.end_time_unix_nano - span.start_time_unix_nano,
                            }
                            file.write(json.dumps(row) + "\n")
    consumer.close()
    table.row("messages read from Kafka", consumed, produced)
    table.row("spans in them", rows, produced_spans)

    database = chdb.session.Session(str(work / "clickhouse"))
    database.query("CREATE DATABASE otel")
    database.query(
        "CREATE TABLE otel.spans (Timestamp UInt64, TraceId String, SpanId String, SpanName String, ServiceName LowCardinality(String),"
        " StatusCode UInt8, Duration UInt64) ENGINE = MergeTree ORDER BY (ServiceName, TraceId)")
    database.query(f"INSERT INTO otel.spans SELECT * FROM file('{lines}', JSONEachRow, 'Timestamp UInt64, TraceId String, SpanId String,"
                   " SpanName String, ServiceName String, StatusCode UInt8, Duration UInt64')")

    def number(query):
        return int(str(database.query(query, "CSV")).strip())

    version = str(database.query("SELECT version()", "CSV")).strip().strip('"')
    table.row("rows in ClickHouse", number("SELECT count() FROM otel.spans"), rows, version)
    table.row("different spans", number("SELECT uniqExact(TraceId, SpanId) FROM otel.spans"), rows)
    table.row("traces with spans of all services",
              number("SELECT count() FROM (SELECT TraceId FROM otel.spans GROUP BY TraceId HAVING uniqExact(ServiceName) = 3)"), expected)
    table.row("traces with an error", number("SELECT uniqExact(TraceId) FROM otel.spans WHERE StatusCode = 2"), traces // 100)
    database.close()
    return table.isRight


def main():
    if len(sys.argv) != 2:
        fail("usage: Benchmarks/Scale/run.py FOLDER")
    children = []

    def give_up(*_):
        raise TimeoutError(f"it took longer than {LIMIT} seconds")

    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LIMIT)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        try:
            isRight = run(sys.argv[1], pathlib.Path(work), children)
        finally:
            for child in children:
                child.kill()
                child.wait()
    if not isRight:
        fail("the counts differ")
    print("equal at every hop")


def with_packages():
    """Runs this program again with an interpreter that has the packages."""
    with tempfile.TemporaryDirectory() as folder:
        python = os.environ.get("PYTHON")
        if not python:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120)
            python = f"{folder}/bin/python"
            subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True, timeout=300)
        sys.exit(subprocess.run([python, "-B", __file__, *sys.argv[1:]], env=os.environ | {"SCALE_PACKAGES": "1"}, timeout=LIMIT + 60).returncode)


if __name__ == "__main__":
    if "SCALE_PACKAGES" not in os.environ:
        with_packages()
    import chdb.session
    import confluent_kafka
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    main()
