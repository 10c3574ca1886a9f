"""The other wires: pages for Prometheus, headers of X-Ray and Server-Timing, the process context, and fleets of collectors."""

import contextlib
import html
import http.server
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import tempfile
import threading
import urllib.parse
import urllib.request

from aws_xray_sdk.core.models.trace_header import TraceHeader
from opentelemetry import trace
from opentelemetry.propagators.aws import AwsXRayPropagator
from opentelemetry.proto.trace.v1 import trace_pb2
from prometheus_client import parser
from prometheus_client.openmetrics import parser as strict_parser
from werkzeug.http import parse_list_header, parse_options_header

from receivers import COUNT, PATIENCE, HTTPReceiver, eventually, free_port, is_clean, listens, send

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# What the program records before it listens to commands.
EXPECTED = {
    ("requests_total", '/a"b\\c\nd'): 3, ("requests_total", "/é"): 4, ("latency_seconds_count", None): 3, ("latency_seconds_sum", None): 7.25,
    ("level", None): 0.5,
}


class Speaker:
    """The program that speaks the other wires, as commands ask for."""

    def __init__(self, program):
        environment = {"PATH": os.environ.get("PATH", ""), "OTEL_SWIFT_PROCESS_CONTEXT": "true", "OTEL_RESOURCE_ATTRIBUTES": "team=größe"}
        self.process = subprocess.Popen(
            [str(program), "speak"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        self.port = int(self.process.stdout.readline())

    def ask(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n")

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()


def check(program, table):
    """Holds what one running program says over each wire against readers of others."""
    speaker = Speaker(program)
    try:
        with_pages(speaker, table)
        with_xray(speaker, table)
        with_server_timing(speaker, table)
        with_process_context(speaker, table)
    finally:
        speaker.end()


# MARK: Pages


def page(port, accept):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/metrics", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def samples(families):
    return {(sample.name, sample.labels.get("route")): sample.value for family in families for sample in family.samples if "le" not in sample.labels}


def differences(found):
    return {key: found.get(key) for key, value in EXPECTED.items() if found.get(key) != value}


def with_pages(speaker, table):
    """prometheus-client reads two formats, and a Prometheus scrapes each that it knows."""
    content, text = page(speaker.port, "application/openmetrics-text;version=1.0.0")
    found = samples(strict_parser.text_string_to_metric_families(text))
    table.hold("prometheus-client, OpenMetrics 1.0: every value arrives", "version=1.0.0" in content and not differences(found), differences(found))
    content, text = page(speaker.port, "text/plain;version=0.0.4")
    found = samples(parser.text_string_to_metric_families(text))
    table.hold("prometheus-client, text 0.0.4: every value arrives", "version=0.0.4" in content and not differences(found), differences(found))
    program = os.environ.get("PROMETHEUS")
    if not program:
        print("– Prometheus: left out, PROMETHEUS names none")
        return
    for protocol in ("OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4", "PrometheusProto"):
        scrape(program, protocol, speaker.port, table)


def scrape(program, protocol, port, table):
    with tempfile.TemporaryDirectory() as work:
        own = free_port()
        configuration = {"scrape_configs": [{
            "job_name": "a", "scrape_interval": "1s", "scrape_protocols": [protocol], "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}]}
        file = pathlib.Path(work) / "prometheus.yml"
        file.write_text(json.dumps(configuration))
        command = [program, f"--config.file={file}", f"--storage.tsdb.path={work}/data", f"--web.listen-address=127.0.0.1:{own}"]
        command.append("--enable-feature=native-histograms")
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            try:
                eventually(lambda: server.poll() is not None or listens(own))
                whole = eventually(lambda: server.poll() is None and not differences(queried(own)))
                found = queried(own) if server.poll() is None else {}
                table.hold(f"Prometheus, {protocol}: every value arrives", whole, differences(found))
                if protocol == "PrometheusProto":
                    native = queried(own, "histogram_count(sizes_bytes)", native=True)
                    table.hold("Prometheus: the exponential histogram is a native one", native == [5.0], native)
            finally:
                server.terminate()


def queried(port, query='{job="a"}', native=False):
    address = f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": query})
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            result = json.load(answer)["data"]["result"]
    except OSError:
        return {}
    if native:
        return [float(series["value"][1]) for series in result]
    found = {}
    for series in result:
        labels = series["metric"]
        if "value" in series and "le" not in labels:
            found[labels["__name__"], labels.get("route")] = float(series["value"][1])
    return found


# MARK: Headers


def with_xray(speaker, table):
    """AWS's own SDK and OpenTelemetry's propagator read what is written, and what they write is read."""
    trace_id, span_id, header = speaker.ask("xray-inject").split(" ")
    read = TraceHeader.from_header_str(header)
    root = f"1-{trace_id[:8]}-{trace_id[8:]}"
    table.hold("aws-xray-sdk reads the header", (read.root, read.parent, read.sampled) == (root, span_id, 1), (header, vars(read)))
    span = trace.get_current_span(AwsXRayPropagator().extract({"X-Amzn-Trace-Id": header})).get_span_context()
    table.hold(
        "opentelemetry-propagator-aws-xray reads the header",
        (f"{span.trace_id:032x}", f"{span.span_id:016x}", span.trace_flags.sampled) == (trace_id, span_id, True), (header, span))
    age = int(subprocess.check_output(["date", "+%s"])) - int(trace_id[:8], 16)
    table.hold("the trace identifier begins with the time", 0 <= age < 2 * PATIENCE, age)
    root, parent = "5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
    for sampled in (1, 0):
        written = TraceHeader(root=f"1-{root[:8]}-{root[8:]}", parent=parent, sampled=sampled).to_header_str()
        expected = f"{root} {parent} {sampled}"
        table.hold(f"  aws-xray-sdk's header is read, sampled {sampled}", speaker.ask("xray-extract", written) == expected, written)
        carrier = {}
        context = trace.SpanContext(int(root, 16), int(parent, 16), True, trace.TraceFlags(sampled))
        AwsXRayPropagator().inject(carrier, trace.set_span_in_context(trace.NonRecordingSpan(context)))
        written = carrier["X-Amzn-Trace-Id"]
        table.hold(f"  OpenTelemetry's header is read, sampled {sampled}", speaker.ask("xray-extract", written) == expected, written)


def with_server_timing(speaker, table):
    """A browser's own list of timings, and werkzeug's parser of headers."""
    for flags in ("01", "00"):
        parent = f"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-{flags}"
        value = speaker.ask("server-timing", parent)
        metrics = [parse_options_header(part) for part in parse_list_header(f"db;dur=53, {value}")]
        description = metrics[1][1].get("desc", "")
        held = metrics[1][0] == "trace" and re.fullmatch(f"00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{{16}}-{flags}", description)
        table.hold(f"werkzeug reads Server-Timing, flags {flags}", held, (value, metrics))
        browser = next(filter(None, map(shutil.which, BROWSERS)), None)
        if browser:
            seen = in_browser(browser, value)
            table.hold(f"a browser's PerformanceServerTiming has the trace, flags {flags}", seen == [["trace", 0, description]], (value, seen))
        else:
            print("– browser: left out, there is none")


def in_browser(browser, value):
    """Returns what a page finds of the header of its own response."""
    timings = "performance.getEntriesByType('navigation')[0].serverTiming.map(t => [t.name, t.duration, t.description])"
    script = f"document.title = JSON.stringify({timings})"

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = f"<!doctype html><title>-</title><script>{script}</script>".encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Server-Timing", value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with tempfile.TemporaryDirectory() as profile:
            result = subprocess.run(
                [browser, "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}", "--dump-dom",
                 f"http://127.0.0.1:{server.server_address[1]}/"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=2 * PATIENCE)
    finally:
        server.shutdown()
    title = re.search("<title>(.*?)</title>", result.stdout, re.DOTALL)
    return json.loads(html.unescape(title.group(1))) if title and title.group(1) != "-" else result.stdout[:500]


# MARK: The process context


def with_process_context(speaker, table):
    """Read from outside by the protocol of OTEP 4719, and by the messages that protobuf's compiler has made."""
    pid = speaker.process.pid
    names = ("[anon_shmem:OTEL_CTX]", "[anon:OTEL_CTX]", "/memfd:OTEL_CTX")
    lines = [line.split(maxsplit=5) for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines()]
    starts = [int(line[0].split("-")[0], 16) for line in lines if len(line) == 6 and line[5].startswith(names)]
    table.hold("the process has one mapping of the process context", len(starts) == 1, starts)
    if not starts:
        return
    try:
        memory = open(f"/proc/{pid}/mem", "rb", buffering=0)
    except PermissionError:
        print("– process context: left out, the system does not let the memory of a child be read")
        return
    with memory:
        memory.seek(starts[0])
        signature, version, size, time, address = struct.unpack("=8sIIQQ", memory.read(32))
        memory.seek(address)
        payload = memory.read(size)
    table.hold("  its header is that of version 2", (signature, version) == (b"OTEL_CTX", 2) and time > 0, (signature, version, time))
    # The message has the resource where that of spans has it.
    resource = trace_pb2.ResourceSpans.FromString(payload).resource
    attributes = {attribute.key: attribute.value.string_value for attribute in resource.attributes}
    table.hold("  protobuf reads the resource", attributes.get("service.name") == "speaker" and attributes.get("team") == "größe", attributes)


# MARK: Collectors


def with_zstandard(program, table):
    """A server of Python's own, which decompresses with PyPI's zstandard."""
    for encoding in ("gzip", "zstd"):
        receiver = HTTPReceiver()
        rows, errors = send(program, receiver.server.server_address[1], "http/protobuf", encoding)
        held = receiver.counts.is_whole() and is_clean(rows) and set(receiver.encodings) == {encoding}
        table.hold(f"Python's decompression, {encoding}: all arrive once", held, (rows, receiver.counts.text(), receiver.encodings, errors))


def with_fleet(name, command, program, table, answers_late):
    """Two agents share what is sent; each has a whole trace or nothing of it, and one that hangs is left without a loss.

    Only an agent that answers after it has handed on what it took hangs with its own receiver, and loses nothing that it has answered.
    """
    fleet = "OTEL_SWIFT_EXPORTER_OTLP_ENDPOINTS", "OTEL_SWIFT_EXPORTER_OTLP_LOAD_BALANCING"
    gate = threading.Event()
    cases = {"by trace": ("trace_id", None), "by connection": ("connection", None)}
    if answers_late:
        cases["one hangs"] = ("trace_id", gate)
    for case, (balancing, first_gate) in cases.items():
        receivers = [HTTPReceiver(first_gate), HTTPReceiver()]
        with contextlib.ExitStack() as stack:
            ports, agents = [], []
            for receiver in receivers:
                work = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
                port = free_port()
                line = command(work, port, free_port(), receiver.url)
                agent = stack.enter_context(subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
                stack.callback(agent.terminate)
                ports.append(port)
                agents.append(agent)
            if not eventually(lambda: all(map(listens, ports))):
                table.hold(f"fleet of two, {name}: both start", False, [agent.poll() for agent in agents])
                return
            endpoints = ",".join(f"http://127.0.0.1:{port}" for port in ports)
            if first_gate:
                # It ends while a request waits in it.
                killer = threading.Thread(target=lambda: receivers[0].arrived.wait(PATIENCE) and agents[0].kill())
                killer.start()
            rows, errors = send(program, ports[0], "grpc", "none", **dict(zip(fleet, (endpoints, balancing))))
            hold_shares(f"fleet of two, {name}, {case}", receivers, balancing, first_gate, rows, errors, table)
            if first_gate:
                killer.join()
                gate.set()


def hold_shares(title, receivers, balancing, hangs, rows, errors, table):
    def numbers(signal):
        with_locks = [receiver.counts for receiver in receivers]
        found = []
        for counts in with_locks:
            with counts.lock:
                found.append({name.split(" ")[1] for name in counts.names[signal]})
        return found

    whole = is_clean(rows) and eventually(lambda: all(len(set().union(*numbers(signal))) == COUNT for signal in ("spans", "records")))
    details = (rows, [receiver.counts.text() for receiver in receivers], errors[:2000])
    table.hold(f"{title}: all arrive, none dropped", whole, details)
    spans, records = numbers("spans"), numbers("records")
    if hangs:
        table.hold("  the one that hangs has taken nothing", not spans[0] and len(spans[1]) == COUNT, details)
    else:
        doubles = sum(receiver.counts.text()[1] for receiver in receivers)
        table.hold("  each arrives at one of them, once", doubles == 0 and not spans[0] & spans[1] and not records[0] & records[1], details)
    if balancing == "trace_id" and not hangs:
        shares = [len(each) / COUNT for each in spans]
        table.hold("  each has whole traces, and about half of them", spans == records and all(abs(share - 0.5) < 0.05 for share in shares), shares)
