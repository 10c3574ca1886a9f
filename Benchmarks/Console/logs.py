#!/usr/bin/env python3
"""Measures the file of log records: what a record costs, and how soon searches, counts and breakdowns over a million records are answered.

    python3 Benchmarks/Console/logs.py FOLDER      runs it with the collector in a folder, as .build/release

RECORDS is the number of records, ROUNDS how often each list is asked for (counts a third as often). A record has a sentence and eleven words of Zipf's
distribution, three attributes, a trace and a span; four services write them. The sender is on the same machine. Needs Python 3 without packages.
"""

import itertools
import json
import os
import pathlib
import random
import struct
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Services"))

import machine  # noqa: E402
from requests import attribute, field, fixed, number, resource  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS") or 100)
AT_ONCE = 2_000
# In whole requests.
RECORDS = max(1, int(os.environ.get("RECORDS") or 1_000_000) // AT_ONCE) * AT_ONCE
SERVICES = ("proxy", "album-store", "auth", "ledger")
WEIGHTS = (50, 36, 8, 6)
ROUTES = ("/albums/:id", "/albums", "/login", "/tweet/:id", "/events", "/status")
SEARCHES = {
    "everything": "", "a word of every third record": "w3", "a word that all have": "finished", '"status 500"': '"status 500"', "w29*": "w29*",
    "severity>=error finished": "severity>=error finished", "service:auth": "service:auth", 'http.route="/login"': 'http.route="/login"',
    '-http.route="/login"': '-http.route="/login"', "status>=500": "http.response.status_code>=500",
    'http.route="/login" w3': 'http.route="/login" w3', 'user.id="user 77"': 'user.id="user 77"',
}
BREAKDOWNS = {"by service": "by=service", "by http.route": "by=http.route", "by http.route of duration": "by=http.route&of=duration_ms&sort=p95", "by message": "by=message",
              "by user.id": "by=user.id"}


class Records:
    """Requests of one service each, of which the words, traces and times differ."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.words = [f"w{index}" for index in range(1, 20_001)]
        self.weights = list(itertools.accumulate(1 / rank for rank in range(1, 20_001)))
        self.sequence = 0

    def record(self, now):
        pick = self.random
        self.sequence += 1
        words = pick.choices(self.words, cum_weights=self.weights, k=11)
        status = pick.choices((200, 404, 500), (63, 20, 17))[0]
        severity = 17 if pick.random() < 0.02 else 13 if pick.random() < 0.1 else 9
        body = f"request {self.sequence} finished with status {status}: {' '.join(words)}"
        attributes = {
            "http.route": pick.choice(ROUTES), "http.response.status_code": status,
            "user.id": f"user {pick.randrange(50_000)}", "duration_ms": int(pick.lognormvariate(3, 1))}
        return (
            fixed(1, now) + number(2, severity) + field(5, field(1, body.encode()))
            + b"".join(field(6, attribute(key, value)) for key, value in attributes.items())
            + field(9, struct.pack(">QQ", 7, self.sequence // 10 + 1)) + field(10, struct.pack(">Q", self.sequence)))

    def request(self, count):
        service = self.random.choices(SERVICES, WEIGHTS)[0]
        now = time.time_ns()
        scope = field(1, field(1, b"bench"))
        records = b"".join(field(2, self.record(now - (count - index) * 1_000)) for index in range(count))
        return field(1, resource(service) + field(2, scope + records))


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(share * len(times)))] * 1000


class Store:
    def __init__(self, program, folder):
        self.port = machine.free_port()
        self.file = folder / "logs.db"
        variables = {"HOST": "127.0.0.1", "PORT": str(self.port), "GRPC_PORT": "none", "LOG_STORE": str(self.file)}
        self.child = machine.Child("the collector", [program], sorted(os.sched_getaffinity(0)), folder, variables)
        machine.wait_for_port(self.port, self.child)

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=120) as answer:
            return json.loads(answer.read())

    def post(self, body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/logs", body, {"Content-Type": "application/x-protobuf"})
        urllib.request.urlopen(request, timeout=120).read()

    def counts(self):
        return self.get("/data/summary")["logStore"]

    def fill(self):
        source = Records(seed=7)
        before = self.child.processor_seconds()
        for _ in range(RECORDS // AT_ONCE):
            self.post(source.request(AT_ONCE))
            # What waits stays below its bound, so that none is dropped.
            while int(self.counts()["waiting"]) > 4 * AT_ONCE:
                time.sleep(0.005)
        while int(self.counts()["waiting"]) > 0:
            time.sleep(0.01)
        used = self.child.processor_seconds() - before
        print(f"{used / RECORDS * 1e6:.1f} µs of processor time a record, {self.counts()['dropped']} dropped, "
              f"{self.file.stat().st_size / RECORDS:.0f} bytes a record", flush=True)

    def ask(self, path, rounds):
        times = []
        for _ in range(rounds):
            begin = time.monotonic()
            answer = self.get(path)
            times.append(time.monotonic() - begin)
        return answer, f"{percentile(times, 0.5):8.1f} / {percentile(times, 0.99):7.1f}"

    def search(self):
        window = f"from={time.time_ns() - 3_600_000_000_000}&to={time.time_ns()}"
        print(f"{'search':32} {'records':>9}  list p50 / p99 ms   counts p50 / p99 ms")
        for says, query in SEARCHES.items():
            q = "q=" + urllib.parse.quote(query)
            _, listed = self.ask(f"/data/logs?{q}&limit=100", ROUNDS)
            answer, counted = self.ask(f"/data/logs/volume?{q}&steps=80&{window}", max(3, ROUNDS // 3))
            print(f"{says:32} {int(answer['total']):9,} {listed}  {counted}{'  partial' if answer['isPartial'] else ''}", flush=True)
        for says, parameters in BREAKDOWNS.items():
            try:
                answer, taken = self.ask(f"/data/logs/breakdown?{parameters}&steps=60&{window}", max(3, ROUNDS // 3))
            except urllib.error.HTTPError as error:
                print(f"{says:32} refused: {error.code}", flush=True)
                continue
            print(f"{says:32} {int(answer['total']):9,}                     {taken}{'  partial' if answer['isPartial'] else ''}", flush=True)


def main():
    program = pathlib.Path(sys.argv[1]) / "Collector"
    with tempfile.TemporaryDirectory(prefix="console-logs-") as name:
        folder = pathlib.Path(name)
        store = Store(str(program), folder)
        try:
            store.fill()
            store.search()
        finally:
            store.child.end()


if __name__ == "__main__":
    main()
