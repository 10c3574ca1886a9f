#!/usr/bin/env python3
"""Holds every wire against receivers and readers that others have written, and counts what arrives.

Receivers: a server of grpcio (PyPI) with failures by a script, rotel (PyPI), and the OpenTelemetry Collector that OTELCOL names. rotel and the
Collector hand on what they take to a receiver of this program, alone and two at a time as a fleet. Readers of the other wires: PyPI's
prometheus-client and the Prometheus that PROMETHEUS names, two readers of X-Ray headers, a browser and werkzeug for Server-Timing, and protobuf's
messages for the process context. What cannot be had is left out, and said.

It needs Python 3.9 or newer with venv, and PyPI. All traffic stays on loopback.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = pathlib.Path(__file__).resolve().parent
SCRATCH = ROOT / ".build-foreign"
SWIFT = os.environ.get("SWIFT", "swift")
PACKAGES = [
    "grpcio==1.85.3", "grpcio-status==1.85.3", "opentelemetry-proto==1.45.1", "rotel==0.0.1a15", "zstandard==0.25.0",
    "prometheus-client==0.26.0", "aws-xray-sdk==2.15.0", "opentelemetry-propagator-aws-xray==1.0.2", "werkzeug==3.1.9",
]


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

import importlib.util

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

import wires
from receivers import COUNT, PATIENCE, GRPCReceiver, HTTPReceiver, Table, eventually, free_port, is_clean, listens, send


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
        str(pathlib.Path(importlib.util.find_spec("rotel").origin).parent / "rotel-agent"), "start",
        "--otlp-grpc-endpoint", f"127.0.0.1:{rpc}", "--otlp-http-endpoint", f"127.0.0.1:{web}",
        "--otlp-exporter-endpoint", url, "--otlp-exporter-protocol", "http", "--pid-file", str(work / "pid"), "--log-file", str(work / "log"),
    ]


def collector(program):
    def command(work, rpc, web, url):
        file = work / "otelcol.yaml"
        file.write_text(f"""
receivers: {{otlp: {{protocols: {{grpc: {{endpoint: "127.0.0.1:{rpc}"}}, http: {{endpoint: "127.0.0.1:{web}"}}}}}}}}
exporters: {{otlp_http: {{endpoint: "{url}", compression: none, sending_queue: {{enabled: false}}, retry_on_failure: {{enabled: false}}}}}}
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
    wires.check(program, table)
    wires.with_zstandard(program, table)
    with_grpcio(program, table)
    plain = [("grpc", "none"), ("grpc", "gzip"), ("grpc", "zstd"), ("http/protobuf", "none"), ("http/protobuf", "gzip")]
    plain += [("http/protobuf", "zstd"), ("http/json", "none")]
    # It takes no zstd, and loses whole numbers of JSON (findings/rotel-json-integer-points.sh).
    wires.with_fleet("rotel", rotel, program, table, answers_late=False)
    with_agent("rotel", rotel, program, table, [wire for wire in plain if wire[1] != "zstd" and wire[0] != "http/json"])
    if path := os.environ.get("OTELCOL"):
        wires.with_fleet("OpenTelemetry Collector", collector(path), program, table, answers_late=True)
        with_agent("OpenTelemetry Collector", collector(path), program, table, plain)
    else:
        print("– OpenTelemetry Collector: left out, OTELCOL names none")
    print(f"foreign receivers: {'all hold' if not table.failed else f'{table.failed} do not hold'}")
    sys.exit(1 if table.failed else 0)


main()
