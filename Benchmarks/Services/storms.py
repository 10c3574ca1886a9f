"""Storms: as much as a system's clients can send for minutes, what of it was lost, and what telemetry costs of it."""

import contextlib
import json
import os
import pathlib
import re
import sqlite3
import statistics
import subprocess
import time
import urllib.request

import load
import machine
from service import Service

# What the systems are held to, all services of a storm together.
LEAST_RATE = 3000
MOST_MEBIBYTES = 40
MOST_COST = 0.10
STOP_MILLISECONDS = 20_000
# How long what waits in a queue after a storm may take.
DRAIN_SECONDS = 120


class System:
    """The services of one storm on files of their own, with a collector unless telemetry is off."""

    def __init__(self, bench, name, disabled):
        self.bench = bench
        self.disabled = disabled
        self.cores = sorted(set(bench.cores.server) | set(bench.cores.others))
        self.folder = bench.folder / f"{name}-{'off' if disabled else 'on'}"
        self.folder.mkdir()
        self.services = []
        self.collector = None
        if not disabled:
            port = machine.free_port()
            self.collector = machine.Child(
                f"collector of {name}", [bench.programs / "Collector"], self.cores, bench.folder,
                {
                    "HOST": "127.0.0.1", "PORT": str(port), "MAXIMUM_BYTES": str(8 << 20), "STOP_TIMEOUT": str(STOP_MILLISECONDS),
                    # As in a fleet: drawing the traces of a storm would take the processors from the services.
                    "SETTLE_MILLISECONDS": "60000",
                })
            machine.wait_for_port(port, self.collector)
            self.collector_url = f"http://127.0.0.1:{port}"

    def service(self, executable, name, variables=None, port=None):
        own = {
            "STOP_TIMEOUT": str(STOP_MILLISECONDS), "DATABASE_TIMEOUT": "10000", "DATABASE_URL": f"sqlite:{self.database(name)}",
            "LOG_FILE": str(self.folder / f"{name}.jsonl"),
        }
        if self.collector:
            own["OTEL_LOCATION"] = self.collector_url
        service = Service(self.bench, executable, name, own | (variables or {}), disabled=self.disabled, cores=self.cores, port=port)
        self.services.append(service)
        return service

    def database(self, name):
        return self.folder / f"{name}.sqlite"

    def count(self, name, statement):
        with contextlib.closing(sqlite3.connect(f"file:{self.database(name)}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(statement).fetchone()[0]

    def processor_seconds(self):
        return sum(service.child.processor_seconds() for service in self.services)

    def received_spans(self):
        with urllib.request.urlopen(self.collector_url + "/data/summary", timeout=30) as answer:
            return int(json.loads(answer.read())["signals"]["traces"]["received"])

    def end(self):
        """Ends the services, which deliver what they have; returns what they complain of."""
        complaints = []
        for service in reversed(self.services):
            status = service.child.end(within=STOP_MILLISECONDS / 1000 + 5)
            if status != 0 or service.child.errors():
                complaints.append(f"{service.child.name} ended with {status}: {service.child.errors().strip()}")
        return complaints


class Messages:
    """Messages that are published, delivered, checked and kept."""

    name = "messages"
    title = "a publish storm"
    programs = ["HelloWorld", "NotificationService"]
    requests = 3
    # Server, producer, client, server, two statements, client, server, consumer, statement.
    spans = 10
    connections = 16

    def __init__(self, bench, disabled):
        self.system = System(bench, self.name, disabled)
        notifications = self.system.service("NotificationService", "notifications", {"DELIVERY_QUEUE": "10000000"})
        port = machine.free_port()
        self.hello = self.system.service(
            "HelloWorld", "hello",
            {"SNS_ENDPOINT": notifications.url(""), "SNS_WEBHOOK_URL": f"http://127.0.0.1:{port}/sns", "MESSAGE_LOG": "100000000"}, port)
        wait_until(lambda: get(self.hello.url("/ready")) == 200, 20, "the webhook is subscribed")

    def load(self, seconds):
        return load.Load(self.hello.url("/"), self.system.cores, seconds=seconds, connections=self.connections)

    def waiting(self):
        return self.system.count("notifications", "SELECT count(*) FROM sns_deliveries")

    def kept(self):
        return self.system.count("hello", "SELECT count(*) FROM hello_messages")


class Commands:
    """Commands that are dispatched, saved and executed."""

    name = "commands"
    title = "a command storm"
    programs = ["LunarModule", "CommandDispatcher", "SpacecraftTelemetry"]
    requests = 2
    # Server, client, server, producer, statement, consumer, statement.
    spans = 7
    connections = 32

    def __init__(self, bench, disabled):
        self.system = System(bench, self.name, disabled)
        telemetry = self.system.service("SpacecraftTelemetry", "telemetry")
        lunar = self.system.service(
            "LunarModule", "lunar", {"TELEMETRY_URL": telemetry.url(""), "COMMAND_QUEUE": "10000000", "COMMAND_LEASE": "60000"})
        self.dispatcher = self.system.service("CommandDispatcher", "dispatcher", {"LUNAR_MODULE_URL": lunar.url("")})

    def load(self, seconds):
        script = self.system.folder / "commands.lua"
        script.write_text(
            'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\n'
            'wrk.body = \'{"command_type":"MISSION_EVENT","parameters":{"name":"Storm"}}\'\n')
        return load.Load(
            self.dispatcher.url("/dispatch"), self.system.cores, seconds=seconds, connections=self.connections, script=script)

    def waiting(self):
        return self.system.count("lunar", "SELECT count(*) FROM commands WHERE status IN ('PENDING', 'PROCESSING')")

    def kept(self):
        return self.system.count("lunar", "SELECT count(*) FROM commands WHERE status = 'COMPLETED'")


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except OSError:
        return None


def wait_until(condition, seconds, text):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            machine.fail(f"it was in vain to wait for {seconds:g} s until {text}")
        time.sleep(0.1)


def send(storm, seconds):
    """Loads a system and waits until all is done; returns wrk's result, what was kept, the time, and the processor time for each."""
    kept, processor, began = storm.kept(), storm.system.processor_seconds(), time.monotonic()
    result = storm.load(seconds).result()
    wait_until(lambda: storm.waiting() == 0, DRAIN_SECONDS, f"{storm.title} has ended")
    elapsed, kept = time.monotonic() - began, storm.kept() - kept
    return result, kept, elapsed, (storm.system.processor_seconds() - processor) / max(1, kept)


def run(bench, kind, minutes, rounds, seconds):
    """Has one storm for minutes, then shorter ones in turn with a system that records nothing."""
    storm, silent = kind(bench, disabled=False), kind(bench, disabled=True)
    machine.note(f"{kind.title} for {minutes:g} minutes")
    result, kept, elapsed, _ = send(storm, int(minutes * 60))
    memory = {service.child.name: service.child.peak_kibibytes() for service in storm.system.services}
    costs = []
    total = kept
    for number in range(rounds):
        machine.note(f"round {number + 1} of {rounds}: with and without telemetry")
        pair = {}
        for system in (storm, silent) if number % 2 == 0 else (silent, storm):
            _, more, _, pair[system is storm] = send(system, seconds)
            total += more if system is storm else 0
        costs.append((pair[True], pair[False]))
    complaints = storm.system.end()
    silent.system.end()
    received = storm.system.received_spans()
    storm.system.collector.end()

    table = bench.table
    acknowledged = result.requests - result.refused
    table.heading(f"{kind.title.capitalize()} for {minutes:g} minutes over {kind.connections} connections")
    table.at_least("requests/s over all services", kind.requests * kept / elapsed, LEAST_RATE)
    table.row(f"{kind.name} acknowledged, p99", f"{acknowledged:,}  {result.p99 * 1000:.1f} ms")
    failed = result.refused + result.errors
    table.row("requests that failed", str(failed), "0", keeps=failed == 0)
    table.row(f"{kind.name} lost", str(max(0, acknowledged - kept)), "0", keeps=kept >= acknowledged)
    # At its end wrk no longer waits for one answer on each connection.
    beyond = max(0, kept - acknowledged)
    table.row(f"{kind.name} beyond those", str(beyond), f"≤ {kind.connections}", keeps=beyond <= kind.connections)
    table.row(f"spans of all {total:,} {kind.name}", f"{received:,}", f"≥ {total * kind.spans:,}", keeps=received >= total * kind.spans)
    table.row("services that report a loss", str(len(complaints)), "0", keeps=not complaints)
    for name, kibibytes in memory.items():
        table.memory(f"{name}, at most", kibibytes, at_most=MOST_MEBIBYTES)
    report_cost(table, costs, f"processor time for each of the {kind.name}")
    for complaint in complaints:
        machine.note(complaint)


def report_cost(table, costs, label):
    """Rows of pairs of processor seconds with and without telemetry."""
    recording, silent = (statistics.median(values) * 1e6 for values in zip(*costs))
    table.row(label, f"{recording:.0f} µs")
    table.row("the same, OTEL_SDK_DISABLED=true", f"{silent:.0f} µs")
    table.share("processor time that is telemetry's", statistics.median(1 - off / on for on, off in costs), at_most=MOST_COST)


class Fleet:
    """A hundred ships that dock and separate at ten spaceports, by the demo's own fleet."""

    programs = ["Demo", "Collector", "Ledger", "Spaceport", "Spaceship"]
    ships, ports = 100, 10
    # The start of so many processes must not weigh.
    least_seconds = 20

    def __init__(self, bench):
        self.bench = bench

    def travel(self, seconds, disabled=False):
        """Returns what the fleet prints, and its exit status."""
        folder = self.bench.folder / "fleet"
        environment = os.environ | {
            "SHIPS": str(self.ships), "PORTS": str(self.ports), "SECONDS": str(seconds), "LOG_FOLDER": str(folder),
        }
        if disabled:
            environment["OTEL_SDK_DISABLED"] = "true"
        done = subprocess.run(
            [self.bench.programs / "Demo"], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=seconds + 180)
        for file in pathlib.Path(folder).glob("*.jsonl"):
            file.unlink()
        if not re.search(r"requests in", done.stdout):
            machine.fail(f"the fleet did not travel:\n{done.stdout}{done.stderr}")
        return done.stdout, done.returncode

    def run(self, minutes, rounds, seconds):
        machine.note(f"{self.ships} ships travel for {minutes:g} minutes")
        output, status = self.travel(int(minutes * 60))
        costs = []
        rounds, seconds = min(rounds, 2), max(seconds, self.least_seconds)
        for number in range(rounds):
            machine.note(f"round {number + 1} of {rounds}: with and without telemetry")
            pair = {}
            for disabled in (False, True) if number % 2 == 0 else (True, False):
                pair[disabled] = self.processor(self.travel(seconds, disabled)[0])
            costs.append((pair[False], pair[True]))
        table = self.bench.table
        table.heading(f"{self.ships} ships at {self.ports} spaceports for {minutes:g} minutes")
        table.at_least("requests/s over all services", float(re.search(r"(\d+) a second", output)[1]), LEAST_RATE)
        counts = re.search(r"(\d+) docked, (\d+) separated, (\d+) refused, (\d+) failed", output)
        table.row("docked, separated, refused", f"{int(counts[1]):,}  {int(counts[2]):,}  {int(counts[3]):,}")
        table.row("requests that failed", counts[4], "0", keeps=counts[4] == "0")
        complete = next((line for line in output.splitlines() if line.startswith("✓")), None)
        table.row("events in the ledger, spans received", "all" if complete else "not all", "all", keeps=bool(complete) and status == 0)
        for name, mebibytes in re.findall(r"(\w+): ([\d.]+) MiB at most", output):
            table.memory(f"{name}, at most", float(mebibytes) * 1024, at_most=MOST_MEBIBYTES)
        report_cost(table, costs, "processor time of a request in ships and ports")
        for line in output.splitlines():
            if line.startswith(("✗", "The first failure")):
                machine.note(line)

    @staticmethod
    def processor(output):
        return float(re.search(r"([\d.]+) µs of processor time", output)[1]) / 1e6
