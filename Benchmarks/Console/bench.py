#!/usr/bin/env python3
"""Measures the console: what it takes in, what that costs, how soon a search is answered, how soon the page draws, and how much memory it needs.

    make bench-console                      builds the collector for release and runs this
    Benchmarks/Console/bench.py FOLDER      runs it with the executable in a folder, as .build/release

The sender is on the same machine, on all cores, as is the console. SECONDS and RATE are the length of the load and its spans a second.
OTELCOL names an OpenTelemetry Collector that has the `nop` exporter, ROTEL an agent of rotel; they get the same load in turn with the
console, ROUNDS times, and the ratio is that of processor time a span. Needs Python 3 without packages; what a browser does is measured where Chromium is installed.
Nothing runs on when it ends.
"""

import gzip
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Services"))
sys.path.insert(0, str(HERE.parent.parent / "Tests/ExamplesTests/Console/Page/Browser"))

import machine  # noqa: E402
import measures  # noqa: E402
from chromium import Browser, Unavailable, Unresponsive  # noqa: E402
from requests import metric_request  # noqa: E402
from table import Table  # noqa: E402
from telemetry import Source  # noqa: E402

SECONDS = float(os.environ.get("SECONDS") or 60)
RATE = float(os.environ.get("RATE") or 150_000)
ROUNDS = int(os.environ.get("ROUNDS") or 3)
CONNECTIONS = 2
SEARCHED_SPANS = int(os.environ.get("SPANS") or 1_000_000)
SEARCHES = {
    "an error": "error", "a duration": "duration>90ms", "service, kind and status": "service=proxy kind=server status=error",
    "an attribute": 'http.route="/albums/:id" http.response.status_code=500', "a text that nothing has": '"no such text"',
}
COLLECTOR_OF_OTHERS = """
receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:%d"}}}}
exporters: {nop: {}}
service:
  telemetry: {metrics: {level: none}, logs: {level: warn}}
  pipelines: {traces: {receivers: [otlp], exporters: [nop]}}
"""


class Receiver:
    """A process that takes OTLP on a port."""

    def __init__(self, name, folder, command, environment=None):
        self.port = machine.free_port()
        self.address = f"127.0.0.1:{self.port}"
        cores = sorted(os.sched_getaffinity(0))
        variables = {"HOST": "127.0.0.1", "PORT": str(self.port)} | (environment or {})
        self.child = machine.Child(name, command(self.port), cores, folder, variables)
        machine.wait_for_port(self.port, self.child)

    def get(self, path, **headers):
        request = urllib.request.Request(f"http://{self.address}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.read()

    def json(self, path):
        return json.loads(self.get(path))

    def post(self, path, body):
        request = urllib.request.Request(f"http://{self.address}{path}", body, {"Content-Type": "application/x-protobuf"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.read()

    def load(self, rate, seconds, spans=None):
        """Has spans sent; returns what came of it, with processor time a span and the most memory that was seen."""
        most = [self.child.resident_kibibytes()]
        isOver = threading.Event()

        def watch():
            while not isOver.wait(0.2):
                most[0] = max(most[0], self.child.resident_kibibytes())

        watcher = threading.Thread(target=watch)
        watcher.start()
        before = self.child.processor_seconds()
        command = [sys.executable, "-B", HERE / "sender.py", self.address, rate, seconds, CONNECTIONS, *([spans] if spans else [])]
        try:
            done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=seconds + 60)
        finally:
            isOver.set()
            watcher.join()
        if done.returncode != 0:
            machine.fail(f"the sender to {self.child.name} failed:\n{done.stderr}{self.child.errors()}")
        sent, refused, spent, slowest = map(float, done.stdout.split())
        return Load(int(sent), int(refused), sent / spent, slowest, (self.child.processor_seconds() - before) / max(1, sent), most[0])


class Load:
    def __init__(self, sent, refused, rate, slowest, processor, memory):
        self.sent, self.refused, self.rate, self.slowest, self.processor, self.memory = sent, refused, rate, slowest, processor, memory


class Bench:
    def __init__(self, programs, folder):
        self.programs, self.folder, self.table = programs, folder, Table(figure_width=16)

    def console(self, **environment):
        return Receiver("console", self.folder, lambda port: [self.programs / "Collector"], environment)

    def at_rest(self):
        console = self.console()
        time.sleep(1)
        self.table.heading("At rest")
        self.table.memory("resident memory", console.child.resident_kibibytes(), at_most=20)
        page = console.get("/").decode()
        paths = ["/", *(part.split('"')[0] for part in page.split('="')[1:] if part.startswith("/assets/"))]
        plain = self.weigh(console, paths)
        self.table.row("page", f"{plain / 1024:.1f} KiB", "≤ 200", plain <= 200 << 10)
        self.table.row("page as it is sent", f"{self.weigh(console, paths, compressed=True) / 1024:.1f} KiB")
        console.child.end()

    def weigh(self, console, paths, compressed=False):
        """Returns the bytes of all files that a page and its modules name."""
        seen, waiting, total = set(), list(paths), 0
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            body = console.get(path, **({"Accept-Encoding": "gzip"} if compressed else {}))
            total += len(body)
            text = (gzip.decompress(body) if compressed else body).decode()
            waiting += ["/assets/" + part.split('"')[0] for part in text.split('from "./')[1:]]
        return total

    def receiving(self):
        machine.note(f"{RATE:,.0f} spans a second for {SECONDS:g} s")
        console = self.console()
        load = console.load(RATE, SECONDS)
        traces = console.json("/data/summary")["signals"]["traces"]
        received, rejected = int(traces["received"]), sum(map(int, traces["rejected"].values()))
        newest = console.json("/data/traces?limit=1")["traces"][0]
        found = console.json(f"/data/traces/{newest['traceId']}")["totalSpans"]
        self.table.heading(f"Receiving {RATE:,.0f} spans/s for {SECONDS:g} s, in requests of 1,000")
        self.table.row("received", f"{load.rate:,.0f}/s", f"≥ {RATE * 0.99:,.0f}", load.rate >= RATE * 0.99)
        self.table.row("refused or missing", f"{load.refused + rejected + load.sent - received:,}", "0", load.refused + rejected == 0 and received == load.sent)
        self.table.row("spans found of the newest trace", f"{found}", "10", found == 10)
        self.table.row("slowest answer", f"{load.slowest * 1000:.0f} ms")
        self.table.row("kept, evicted", f"{int(traces['kept']):,}, {int(traces['evicted']):,}")
        self.table.row("processor time a span", f"{load.processor * 1e6:.2f} µs")
        self.table.memory("most resident memory", load.memory, at_most=512)
        console.child.end()

    def peers(self):
        contenders = {"console": self.console}
        if program := os.environ.get("OTELCOL"):
            contenders["otelcol, nop"] = lambda: Receiver("otelcol", self.folder, lambda port: [program, "--config", self.otelcol_file(port)])
        if agent := os.environ.get("ROTEL"):
            contenders["rotel, blackhole"] = lambda: Receiver("rotel", self.folder, lambda port: self.rotel(agent, port))
        if len(contenders) == 1:
            return
        results = {name: [] for name in contenders}
        rate, seconds = RATE / 3, max(2.0, SECONDS / 6)
        for turn in range(ROUNDS):
            for name, start in sorted(contenders.items(), reverse=turn % 2 == 1):
                machine.note(f"round {turn + 1} of {ROUNDS}: {name}")
                receiver = start()
                # What a process does once, and what the terminal shows of the first second, is not what a span costs.
                receiver.load(rate, 1)
                results[name].append(receiver.load(rate, seconds))
                receiver.child.end()
        self.table.heading(f"Processor time a span at {rate:,.0f} spans/s, medians of {ROUNDS} turns of {seconds:g} s")
        for name, loads in results.items():
            refused = sum(load.refused for load in loads)
            self.table.row(name, f"{statistics.median(load.processor for load in loads) * 1e6:.2f} µs", f"{refused:,} refused" if refused else "")
        for name, loads in list(results.items())[1:]:
            ratio = statistics.median(ours.processor / theirs.processor for ours, theirs in zip(results["console"], loads))
            isBound = name.startswith("otelcol")
            self.table.row(f"console to {name}", f"{ratio:.2f}", "≤ 0.5" if isBound else "", ratio <= 0.5 or not isBound)

    def rotel(self, agent, port):
        return [agent, "start", "--exporter", "blackhole", "--otlp-http-endpoint", f"127.0.0.1:{port}", "--otlp-grpc-endpoint",
                f"127.0.0.1:{machine.free_port()}", "--pid-file", str(self.folder / f"rotel-{port}.pid"), "--log-file", str(self.folder / f"rotel-{port}.log")]

    def otelcol_file(self, port):
        file = self.folder / f"otelcol-{port}.yaml"
        file.write_text(COLLECTOR_OF_OTHERS % port)
        return file

    def searching(self):
        machine.note(f"searches over {SEARCHED_SPANS:,} spans")
        console = self.console(MAXIMUM_BYTES=str(1 << 31))
        console.load(0, 300, SEARCHED_SPANS)
        kept = int(console.json("/data/summary")["signals"]["traces"]["kept"])
        self.table.heading(f"Searching {kept:,} spans for the newest 50 traces, medians of 7")
        for name, words in SEARCHES.items():
            times = []
            for _ in range(7):
                before = time.monotonic()
                answer = console.json(f"/data/traces?limit=50&q={urllib.parse.quote(words)}")
                times.append(time.monotonic() - before)
            spent = statistics.median(times)
            matched = f"{int(answer['matched']):,} traces" + (", in part" if answer["isPartial"] else "")
            self.table.row(f"{name}: {matched}", f"{spent * 1000:.0f} ms", "≤ 200", spent <= 0.2 and not answer["isPartial"])
        self.table.row("resident memory", f"{console.child.resident_kibibytes() / 1024:.0f} MiB")
        console.child.end()

    def browsing(self):
        machine.note("the page in a browser")
        console = self.console()
        trace = Source(f"http://{console.address}").send_large()
        self.table.heading("The page in a headless Chromium, medians of 5")
        try:
            with Browser() as browser:
                paints, draws, frames = [], [], []
                for _ in range(5):
                    paints.append(measures.first_paint(browser, f"http://{console.address}/"))
                    browser.until("document.querySelector('.row-link')")
                    draws.append(measures.draw(browser, trace))
                    frames.append(measures.scroll(browser))
            paint, draw, rate = map(statistics.median, (paints, draws, frames))
            self.table.row("first paint", f"{paint:.0f} ms", "≤ 300", paint <= 300)
            self.table.row("a trace of 10,000 spans, from the list", f"{draw:.0f} ms", "≤ 1,000", draw <= 1000)
            self.table.row("scrolling it", f"{rate:.0f} frames/s", "≥ 30", rate >= 30)
        except (Unavailable, Unresponsive) as reason:
            self.table.row(f"not measured: {reason}", "")
        console.child.end()

    def querying(self):
        machine.note("PromQL over 1,000 series of 300 points")
        console = self.console()
        step, count = 10, 300
        end = int(time.time()) // step * step
        start = end - step * (count - 1)
        for index in range(count):
            console.post("/v1/metrics", metric_request("bench.requests", 1_000, start + index * step))
        self.table.heading("query_range over 1,000 series of 300 points, medians of 5")
        for name, query in {"all as they are": "bench_requests_total", "sum by (host) (rate(…[1m]))": "sum by (host) (rate(bench_requests_total[1m]))"}.items():
            times = []
            for _ in range(5):
                before = time.monotonic()
                answer = console.json("/api/v1/query_range?" + urllib.parse.urlencode({"query": query, "start": start, "end": end, "step": step}))
                times.append(time.monotonic() - before)
            self.table.row(f"{name}: {len(answer['data']['result']):,} series", f"{statistics.median(times) * 1000:.0f} ms")
        self.table.row("resident memory", f"{console.child.resident_kibibytes() / 1024:.0f} MiB")
        console.child.end()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    machine.name = "bench-console"
    programs = pathlib.Path(sys.argv[1]).resolve()
    if not (programs / "Collector").exists():
        machine.fail(f"there is no Collector in {programs}", 66)
    with tempfile.TemporaryDirectory(prefix="bench-console-") as folder:
        try:
            bench = Bench(programs, pathlib.Path(folder))
            for part in (bench.at_rest, bench.receiving, bench.peers, bench.searching, bench.browsing, bench.querying):
                part()
            print(f"The console, sender and receiver on {len(os.sched_getaffinity(0))} cores")
            print("\n".join(bench.table.lines))
            return 0 if bench.table.keepsBudgets else 1
        finally:
            machine.Child.end_all()


if __name__ == "__main__":
    sys.exit(main())
