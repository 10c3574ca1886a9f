"""All services at once under load for minutes: which requests fail, whose memory grows, and which telemetry is lost."""

import dataclasses
import json
import os
import statistics
import time
import urllib.request

import load
import machine
import peers
from service import Service, post

# Milliseconds between the answer to a request and the next one on the same connection: at full speed the requests alone would take all
# processors, and what is seen would be how a machine behaves that has none left for the collector.
PACE = int(os.environ.get("PACE", "20"))
CONNECTIONS = 8
# The share of the time after which what services keep for reuse has been made.
WARM_UP = 0.25
SAMPLES = 12
STOP_MILLISECONDS = 20_000


@dataclasses.dataclass
class Line:
    """One kind of request to one service."""

    name: str
    url: str
    # How many spans all services together record for one request.
    spans: int
    # Whether each request is to be refused with a status from 400 on.
    isRefused: bool = False
    method: str = "GET"
    body: str = ""
    token: str = ""


class Together:
    def __init__(self, bench):
        self.bench = bench
        self.cores = sorted(set(bench.cores.server) | set(bench.cores.others))
        self.services = []
        collector_port = machine.free_port()
        # Little memory for what it keeps, so that it is full before its own memory is looked at.
        self.collector = machine.Child(
            "collector", [bench.programs / "Collector"], self.cores, bench.folder,
            {"HOST": "127.0.0.1", "PORT": str(collector_port), "MAXIMUM_BYTES": str(8 << 20), "STOP_TIMEOUT": str(STOP_MILLISECONDS)})
        machine.wait_for_port(collector_port, self.collector)
        self.collector_url = f"http://127.0.0.1:{collector_port}"

    def run(self, minutes):
        seconds = int(minutes * 60)
        lines = self.start()
        before = self.received_spans(settled=True)
        machine.note(f"{minutes:g} minutes of load on {len(self.services)} services at once")
        loads = [
            load.Load(line.url, self.cores, seconds=seconds, connections=CONNECTIONS, script=self.script(number, line))
            for number, line in enumerate(lines)
        ]
        memory = self.watch(seconds)
        results = [load.result() for load in loads]
        table = self.bench.table
        table.heading(f"All services at once for {minutes:g} minutes, {PACE} ms between the requests of each of {CONNECTIONS} connections")
        for line, result in zip(lines, results):
            wrong = result.requests - result.refused if line.isRefused else result.refused
            budget = "all refused" if line.isRefused else "0 failed"
            figure = f"{result.rate:,.0f}/s  {result.p99 * 1000:.1f} ms  {wrong + result.errors} failed"
            table.row(line.name, figure, budget, keeps=wrong + result.errors == 0 and result.requests > 0)
        for name, (first, last) in memory.items():
            # The collector keeps what it receives, up to its bound. A connection to SQLite keeps up to 2 MB of a file that grows.
            table.growth(name, first, last, at_most=None if name == "collector" else 3 if "SQLite" in name else 1)
        self.end(table, lines, results, before)

    def start(self):
        """Starts everything; returns the lines of load."""
        folder = self.bench.folder
        database = peers.PostgreSQL(self.cores, folder)
        self.database = database.child
        url = database.url("twitter")
        secret = {"JWT_SECRET": "0123456789abcdef" * 4}
        albums = self.service("AlbumStore", "album store", {"DATABASE_URL": database.url("albums")})
        store = self.service("AlbumStore", "album store in memory")
        proxy = self.service("Proxy", "proxy", {"ALBUM_STORE_URL": store.url("")})
        lines = [
            Line("album store, GET /albums/1", store.url("/albums/1"), 1),
            Line("album store, GET /albums/666", store.url("/albums/666"), 1, isRefused=True),
            Line("album store on PostgreSQL, GET /albums/1", albums.url("/albums/1"), 2),
            Line("proxy, GET /albums/2", proxy.url("/albums/2"), 3),
        ]
        for name, variables, replicas in [
            ("SQLite", {"DATABASE_FILE": str(folder / "together.db")}, 1), ("PostgreSQL", {"DATABASE_URL": url}, 2),
        ]:
            auth = self.service("Auth", f"auth on {name}", variables | secret)
            tweets = [
                self.service("Tweet", f"tweet {number + 1} on {name}", variables | {"AUTH_URL": auth.url("")})
                for number in range(replicas)
            ]
            user = post(auth.url("/auth/register"), {"name": "Ada", "email": "ada@example.com", "password": "correct horse"})
            token = user["token"]
            post(tweets[0].url("/tweet"), {"text": "Hello"}, token)
            lines += [
                Line(f"auth on {name}, POST /auth/token", auth.url("/auth/token"), 2, method="POST", token=token),
                Line(f"tweet on {name}, GET /tweet/1", tweets[0].url("/tweet/1"), 6, token=token),
                Line(f"tweet on {name}, POST /tweet", tweets[-1].url("/tweet"), 6, method="POST",
                     body='{"text":"Hello from the load"}', token=token),
                Line(f"tweet on {name}, a wrong token", tweets[0].url("/tweet/1"), 5, isRefused=True, token="x" + token),
            ]
        return lines

    def service(self, executable, name, variables=None):
        common = {
            "OTEL_LOCATION": self.collector_url, "LOG_FILE": "off", "RATE_LIMIT": "0", "STOP_TIMEOUT": str(STOP_MILLISECONDS),
        }
        service = Service(self.bench, executable, name, common | (variables or {}), cores=self.cores)
        self.services.append(service)
        return service

    def script(self, number, line):
        script = self.bench.folder / f"together-{number}.lua"
        header = f'wrk.headers["Authorization"] = "{line.token}"\n' if line.token else ""
        body = f"wrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = '{line.body}'\n" if line.body else ""
        script.write_text(f'wrk.method = "{line.method}"\n{header}{body}function delay() return {PACE} end\n')
        return script

    def watch(self, seconds):
        """Returns the resident memory of each process in kibibytes, after the warm-up and at the end, each the median of a quarter."""
        children = {service.child.name: service.child for service in self.services} | {"collector": self.collector}
        start = time.monotonic()
        samples = {name: [] for name in children}
        for number in range(SAMPLES):
            time.sleep(max(0, start + seconds * (number + 1) / (SAMPLES + 1) - time.monotonic()))
            for name, child in children.items():
                samples[name].append(child.resident_kibibytes())
        first, quarter = int(SAMPLES * WARM_UP), SAMPLES // 4
        return {
            name: (statistics.median(values[first:first + quarter]), statistics.median(values[-quarter:]))
            for name, values in samples.items()
        }

    def received_spans(self, settled=False):
        """Returns how many spans the collector has received; settled, once no more come."""
        count = -1
        while True:
            with urllib.request.urlopen(self.collector_url + "/data/summary", timeout=30) as answer:
                latest = int(json.loads(answer.read())["signals"]["traces"]["received"])
            if latest == count or not settled:
                return latest
            count = latest
            time.sleep(2)

    def end(self, table, lines, results, before):
        """Ends the services one after another, and compares what they have exported with what was requested."""
        complaints = []
        for service in reversed(self.services):
            status = service.child.end(within=STOP_MILLISECONDS / 1000 + 5)
            if status != 0 or service.child.errors():
                complaints.append(f"{service.child.name} ended with {status}: {service.child.errors().strip()}")
        expected = sum(line.spans * result.requests for line, result in zip(lines, results))
        received = self.received_spans() - before
        table.row("spans of the answered requests", f"{expected:,}")
        # A request that wrk did not wait for at the end has spans too.
        table.row("spans that the collector received", f"{received:,}", "no fewer", keeps=received >= expected)
        table.row("services that report a loss", str(len(complaints)), "0", keeps=not complaints)
        for complaint in complaints:
            machine.note(complaint)
        for child in (self.collector, self.database):
            child.end()
