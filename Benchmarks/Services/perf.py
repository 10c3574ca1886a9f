#!/usr/bin/env python3
"""Compares the latencies of the services with a stored baseline, and fails if they are worse.

    make perf RECORD=baseline.json           measures, and writes the baseline
    make perf CHECK=baseline.json            measures, and compares; exit status 1 with the numbers if something has become slower
    Benchmarks/Services/perf.py FOLDER record|check BASELINE

Each route gets its requests one after another over one connection, in many short rounds in which all routes take turns with a server that
does nothing but answer. A round's percentiles are divided by the median of that server in the same round, so that a machine that is slower or busy for a
while bends both. The percentiles of the rounds are compared by the test of Mann and Whitney, and a route fails only if its median over the
rounds is also larger by more than a limit (p50: 20 %, p95: 35 %, p99: 60 %; FACTOR=2 allows twice as much), and again so when it is measured a
second time. Needs Python 3 without packages. It takes less than a minute; ROUNDS and REQUESTS change that.
"""

import json
import os
import pathlib
import platform
import re
import socket
import sys
import tempfile
import time
import types

import machine
import perf_check
import ranks
from service import Service, post

ROUNDS = int(os.environ.get("ROUNDS") or "20")
REQUESTS = int(os.environ.get("REQUESTS") or "150")
FACTOR = float(os.environ.get("FACTOR") or "1")
# After these seconds no round is begun any more; of two measurements each gets half.
SECONDS = 110
PERCENTILES = {"p50": 50, "p95": 95, "p99": 99}
HERE = pathlib.Path(__file__).resolve().parent


class Route:
    """A request that is sent again and again over one connection."""

    def __init__(self, name, port, method, path, headers=(), body=b""):
        self.name, self.address = name, ("127.0.0.1", port)
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        self.request = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
        self.socket = None

    def latency(self):
        """Sends the request once; returns the seconds until the answer is complete."""
        if self.socket is None:
            self.socket = socket.create_connection(self.address, timeout=60)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        begin = time.perf_counter()
        self.socket.sendall(self.request)
        answer = self.socket.recv(1 << 16)
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self.more()
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", answer[:end])
        whole = end + 4 + (int(length[1]) if length else 0)
        while len(answer) < whole:
            answer += self.more()
        duration = time.perf_counter() - begin
        if not answer.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 201 ")):
            machine.fail(f"{self.name} was answered with {answer[:200]!r}")
        return duration

    def more(self):
        received = self.socket.recv(1 << 16)
        if not received:
            machine.fail(f"the connection of {self.name} was closed in the middle of an answer")
        return received


class Measurement:
    """The rounds of all routes, and the reference that they are divided by."""

    def __init__(self, routes, reference):
        self.routes, self.reference = routes, reference
        self.values = {route.name: {name: [] for name in PERCENTILES} for route in routes}
        self.microseconds = {route.name: [] for route in routes}
        self.references = []

    def run(self, rounds, seconds):
        deadline = time.monotonic() + seconds
        for route in [self.reference, *self.routes]:
            for _ in range(REQUESTS):
                route.latency()
        for number in range(rounds):
            if time.monotonic() > deadline and number >= perf_check.LEAST_ROUNDS:
                machine.note(f"the time is up after {number} of {rounds} rounds")
                break
            # The reference and the routes take turns within a round, a tenth at a time, in another order each time.
            taken = {route: [] for route in [self.reference, *self.routes]}
            for part in range(10):
                order = list(taken)
                for route in order[part % len(order):] + order[:part % len(order)]:
                    taken[route] += [route.latency() for _ in range(max(1, REQUESTS // 10))]
            unit = ranks.median(taken.pop(self.reference))
            self.references.append(unit * 1e6)
            for route, latencies in taken.items():
                self.microseconds[route.name].append(ranks.median(latencies) * 1e6)
                for name, percent in PERCENTILES.items():
                    self.values[route.name][name].append(ranks.percentile(latencies, percent) / unit)
        return self


def routes(programs, folder, cores):
    """Starts the services; returns the routes that are measured, and the reference."""
    bench = types.SimpleNamespace(programs=programs, folder=folder, cores=cores, receiver_port=machine.free_port())
    receiver = machine.Child(
        "receiver", [sys.executable, "-B", HERE / "receiver.py", bench.receiver_port, folder / "counts"], cores.others, folder)
    port = machine.free_port()
    reference = machine.Child("reference", [sys.executable, "-B", HERE / "reference.py", port], cores.server, folder)
    machine.wait_for_port(bench.receiver_port, receiver)
    machine.wait_for_port(port, reference)
    albums = Service(bench, "AlbumStore", "album-store", {"SEED_ALBUMS": "100", "RATE_LIMIT": "0"})
    proxy = Service(bench, "Proxy", "proxy-service", {"ALBUM_STORE_URL": albums.url("")})
    shared = {"DATABASE_FILE": str(folder / "twitter.db"), "RATE_LIMIT": "0"}
    auth = Service(bench, "Auth", "auth-service", shared | {"JWT_SECRET": "0123456789abcdef" * 4})
    tweets = Service(bench, "Tweet", "tweet-service", shared | {"AUTH_URL": auth.url("")})
    user = post(auth.url("/auth/register"), {"name": "Ada", "email": "ada@example.com", "password": "correct horse"})
    post(tweets.url("/tweet"), {"text": "Hello"}, user["token"])
    token = [f"Authorization: {user['token']}"]
    return [
        Route("album-store GET /albums/1", albums.port, "GET", "/albums/1"),
        Route("album-store GET /albums", albums.port, "GET", "/albums"),
        Route("proxy-service GET /albums/1", proxy.port, "GET", "/albums/1"),
        Route("tweet-service GET /tweet/1", tweets.port, "GET", "/tweet/1", token),
        Route("tweet-service POST /tweet", tweets.port, "POST", "/tweet", token, b'{"text":"Hello"}'),
    ], Route("reference", port, "GET", "/")


def processor():
    text = pathlib.Path("/proc/cpuinfo").read_text(errors="replace") if pathlib.Path("/proc/cpuinfo").exists() else ""
    found = re.search(r"model name\s*: (.*)", text)
    return f"{found[1].strip() if found else platform.machine()}, {os.cpu_count()} cores"


def record(measurement, path):
    path.write_text(json.dumps({
        "version": perf_check.VERSION, "machine": processor(), "requests": REQUESTS,
        "referenceMicroseconds": round(ranks.median(measurement.references), 2),
        "routes": {
            route: {name: [round(value, 4) for value in values] for name, values in percentiles.items()}
            for route, percentiles in measurement.values.items()},
    }, indent=1) + "\n")
    for route, values in measurement.microseconds.items():
        print(f"  {route:32} {ranks.median(values):8.0f} µs")
    print(f"Recorded {len(measurement.references)} rounds of {REQUESTS} requests in {path}.")


def read(path):
    try:
        return perf_check.checked(json.loads(path.read_text()))
    except OSError as error:
        machine.fail(f"the baseline {path} cannot be read: {error.strerror}; make perf RECORD={path} writes one", 66)
    except ValueError as error:
        machine.fail(f"the baseline {path} is no JSON: {error}", 65)
    except perf_check.BadBaseline as error:
        machine.fail(f"the baseline {path} cannot be used: {error}", 65)


def check(measure, baseline):
    """Measures, again if something is slower; returns the exit status."""
    try:
        rows = perf_check.compare(baseline["routes"], measure().values, FACTOR)
        if slower := [row for row in rows if row.fails]:
            machine.note(f"{len(slower)} of {len(rows)} figures are worse; measuring again")
            first = {(row.route, row.percentile) for row in slower}
            rows = perf_check.compare(baseline["routes"], measure().values, FACTOR)
            for row in rows:
                row.fails = row.fails and (row.route, row.percentile) in first
    except perf_check.BadBaseline as error:
        machine.fail(f"the baseline cannot be used: {error}", 65)
    print("Times as multiples of a server's that does nothing but answer; medians over the rounds.\n")
    print(f"  {'route':32} {'':4} {'baseline':>9} {'now':>9} {'ratio':>7} {'allowed':>8} {'slower in':>10} {'p':>9}")
    for row in rows:
        verdict = "  SLOWER" if row.fails else ""
        print(f"  {row.route:32} {row.percentile:4} {row.base:9.2f} {row.now:9.2f} {row.ratio:7.2f} {row.limit:8.2f} "
              f"{row.superiority:10.0%} {row.probability:9.1e}{verdict}")
    if failed := [row for row in rows if row.fails]:
        print(f"\n{len(failed)} of {len(rows)} figures are slower than the baseline allows.")
        return 1
    print("\nNothing is slower than the baseline allows.")
    return 0


def main():
    machine.name = "perf"
    if len(sys.argv) != 4 or sys.argv[2] not in ("record", "check"):
        sys.exit(__doc__)
    programs, path = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[3])
    if ROUNDS < perf_check.LEAST_ROUNDS or REQUESTS < 10 or FACTOR <= 0:
        machine.fail(f"ROUNDS is at least {perf_check.LEAST_ROUNDS}, REQUESTS at least 10, FACTOR more than 0", 64)
    baseline = read(path) if sys.argv[2] == "check" else None
    if baseline and baseline.get("machine") != processor():
        machine.note(f"the baseline is of another machine ({baseline.get('machine')}); only large differences mean something")
    if lacking := [name for name in ("AlbumStore", "Proxy", "Auth", "Tweet") if not (programs / name).exists()]:
        machine.fail(f"there is no {' and no '.join(lacking)} in {programs}", 66)
    with tempfile.TemporaryDirectory(prefix="perf-") as folder:
        try:
            begin = time.monotonic()
            all_routes, reference = routes(programs, pathlib.Path(folder), machine.Cores())

            def measure():
                left = SECONDS - (time.monotonic() - begin)
                return Measurement(all_routes, reference).run(ROUNDS, left / 2 if baseline and left > SECONDS / 2 + 5 else left - 5)

            if baseline:
                return check(measure, baseline)
            record(measure(), path)
            return 0
        finally:
            machine.Child.end_all()


if __name__ == "__main__":
    sys.exit(main())
