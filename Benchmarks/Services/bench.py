#!/usr/bin/env python3
"""Measures the sample services beside the best servers of their kind, all in one run.

    make bench-services                      builds the services for release and runs this
    Benchmarks/Services/bench.py FOLDER      runs it with the executables in a folder, as .build/release

Each contender gets the same load on the same cores in turn, round after round; figures are medians, ratios are medians of the ratios
of the rounds, so that a machine that is busy for a while bends both sides. What telemetry costs is less than such a machine differs by
from one load to the next: the two album stores are loaded in turns of a second, and nginx beside them by loads of a second too, since a
percentile of one second is not that of several. Needs Python 3 without packages, and Debian's `wrk` and `nginx-light`, which it
installs if it may. ROUNDS, SECONDS and CONNECTIONS change the load; PARTS=albums,sqlite,postgresql selects parts, of which `sidecar`
sets the sidecar beside nginx as a proxy. MINUTES=10 adds ten minutes of load on all services at once, which is the part `together`:
what fails, what grows, what telemetry is lost. PARTS=fleet,messages,commands are storms, a minute each unless MINUTES says otherwise: a
hundred ships, messages, commands; what of them is lost, and what telemetry costs. Ports are free ones of this machine's loopback;
nothing runs on when it ends.
"""

import os
import pathlib
import statistics
import sys
import tempfile
import time
import types
import urllib.request

import load
import machine
import peers
import sidecar
import storms
from service import Service, post
from table import Table
from together import Together

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = int(os.environ.get("SECONDS", "4"))
CONNECTIONS = int(os.environ.get("CONNECTIONS", "64"))
MINUTES = float(os.environ.get("MINUTES", "0"))
PARTS = (os.environ.get("PARTS") or "albums,sqlite,postgresql" + (",together" if MINUTES else "")).split(",")
# Which programs each part starts.
PROGRAMS = {
    "albums": ["AlbumStore"], "sqlite": ["Auth", "Tweet"], "postgresql": ["Auth", "Tweet"],
    sidecar.NAME: sidecar.PROGRAMS,
    "together": ["AlbumStore", "Auth", "Tweet", "Proxy", "Collector"], "fleet": storms.Fleet.programs,
    "messages": [*storms.Messages.programs, "Collector"], "commands": [*storms.Commands.programs, "Collector"],
}
IDLE_CONNECTIONS = 1000
DATABASE_CONNECTIONS = 8
INSERT_TWEET = """
INSERT INTO "Tweet" ("content", "published", "authorId") VALUES ('Hello from the load', false, 1)
RETURNING "id", "content", "published", "authorId", 0;
"""


class Bench:
    def __init__(self, programs, folder):
        self.programs = programs
        self.folder = folder
        self.cores = machine.Cores()
        self.table = Table()
        self.receiver_port = machine.free_port()
        script = pathlib.Path(__file__).with_name("receiver.py")
        receiver = machine.Child(
            "receiver", [sys.executable, "-B", script, self.receiver_port, folder / "counts"], self.cores.others, folder)
        machine.wait_for_port(self.receiver_port, receiver)

    def has(self, executable):
        return (self.programs / executable).exists()

    def exported_bytes(self, path):
        """Returns the bytes of requests that the receiver got at a path."""
        counts = self.folder / "counts"
        lines = counts.read_text().split("\n") if counts.exists() else []
        return sum(int(line.split()[2]) for line in lines if line.startswith(path + " "))

    def rounds(self, contenders):
        """Loads each contender in turn, round after round; contenders are pairs of a child and a load by its seconds."""
        results = {name: [] for name in contenders}
        for name, (child, send) in contenders.items():
            send(1)
        for number in range(ROUNDS):
            machine.note(f"round {number + 1} of {ROUNDS}: {', '.join(contenders)}")
            # Every other round runs backwards: none always follows the same one.
            for name, (child, send) in sorted(contenders.items(), reverse=number % 2 == 1):
                results[name].append(send(SECONDS))
        return results

    def wrk(self, child, url, **options):
        return child, lambda seconds: load.run(url, child, self.cores.others, seconds=seconds, connections=CONNECTIONS, **options)

    # Album store

    def album_store(self):
        service = Service(self, "AlbumStore", "album-store")
        rest = service.child.resident_kibibytes()
        silent = Service(self, "AlbumStore", "album-store without telemetry", disabled=True)
        with urllib.request.urlopen(service.url("/albums/1"), timeout=10) as answer:
            body = answer.read()
        nginx = peers.Nginx("/albums/1", body, self.cores.server, self.folder)
        path = "/albums/1"
        pair = "album store, with and without telemetry"
        _, with_telemetry = self.wrk(service.child, service.url(path))
        _, without_telemetry = self.wrk(silent.child, silent.url(path))
        _, alone = self.wrk(nginx.child, f"http://127.0.0.1:{nginx.port}{path}")
        results = self.rounds({
            pair: (service.child, lambda seconds: load.in_turn(with_telemetry, without_telemetry, seconds)),
            "nginx": (nginx.child, lambda seconds: load.by_seconds(alone, seconds)),
        })
        store, without = zip(*results[pair])
        peer = results["nginx"]
        self.table.heading(f"Album store, GET {path}, {CONNECTIONS} connections")
        self.table.load("nginx, a file of the same bytes", peer)
        self.table.load("album store with all telemetry", store)
        self.table.load("album store, OTEL_SDK_DISABLED=true", without)
        self.table.ratio("requests/s to nginx", ratios(store, peer, "rate"), at_least=0.8)
        self.table.ratio("p99 to nginx", ratios(store, peer, "p99"), at_most=1.5)
        cost = [1 - with_it.rate / without_it.rate for with_it, without_it in zip(store, without)]
        self.table.share("requests/s that telemetry costs", statistics.median(cost), at_most=0.08)
        self.memory("Album store", service, path, rest)
        silent.child.end()
        nginx.child.end()
        return statistics.median(result.rate for result in store)

    # Tweets

    def tweets_on_sqlite(self, album_rate):
        auth, tweet, token = self.tweet_services("SQLite", {"DATABASE_FILE": str(self.folder / "twitter.db")})
        rest = tweet.child.resident_kibibytes()
        header = f"Authorization: {token}"
        results = self.rounds({
            "GET": self.wrk(tweet.child, tweet.url("/tweet/1"), headers=[header]),
            "POST": self.wrk(tweet.child, tweet.url("/tweet"), headers=[header], script=self.post_script()),
        })
        self.table.heading(f"Tweets on SQLite, {CONNECTIONS} connections; the auth service is on the other cores")
        self.table.load("GET /tweet/1", results["GET"])
        rate = statistics.median(result.rate for result in results["GET"])
        if album_rate:
            self.table.ratio("requests/s to those of the album store", rate / album_rate, at_least=0.25)
        self.table.load("POST /tweet", results["POST"])
        self.table.at_least("durable tweets/s", statistics.median(result.rate for result in results["POST"]), 2000)
        self.memory("Tweets on SQLite", tweet, "/status", rest)
        tweet.child.end()
        auth.child.end()

    def tweets_on_postgresql(self):
        database = peers.PostgreSQL(self.cores.others, self.folder)
        url = database.url("twitter")
        auth, tweet, token = self.tweet_services(
            "PostgreSQL", {"DATABASE_URL": url, "DATABASE_POOL": str(DATABASE_CONNECTIONS)})
        header = f"Authorization: {token}"

        def pgbench(seconds):
            rate = database.pgbench("twitter", INSERT_TWEET, DATABASE_CONNECTIONS, seconds, self.cores.others)
            return types.SimpleNamespace(rate=rate, p99=0.0, processor=0.0, refused=0, errors=0)

        results = self.rounds({
            "GET": self.wrk(tweet.child, tweet.url("/tweet/1"), headers=[header]),
            "POST": self.wrk(tweet.child, tweet.url("/tweet"), headers=[header], script=self.post_script()),
            "pgbench": (database.child, pgbench),
        })
        self.table.heading(f"Tweets on PostgreSQL, {CONNECTIONS} connections, {DATABASE_CONNECTIONS} to the database")
        self.table.load("GET /tweet/1", results["GET"])
        self.table.load("POST /tweet", results["POST"])
        self.table.rate("pgbench, the same insertion", [result.rate for result in results["pgbench"]])
        self.table.ratio("tweets/s to pgbench", ratios(results["POST"], results["pgbench"], "rate"), at_least=0.7)
        for child in (tweet.child, auth.child, database.child):
            child.end()

    def tweet_services(self, name, database):
        """Starts auth and tweet with a database; returns them and the token of a user who has a tweet."""
        shared = database | {"RATE_LIMIT": "0"}
        auth = Service(
            self, "Auth", f"auth on {name}", shared | {"JWT_SECRET": "0123456789abcdef" * 4}, cores=self.cores.others)
        tweet = Service(self, "Tweet", f"tweet on {name}", shared | {"AUTH_URL": auth.url("")})
        user = post(auth.url("/auth/register"), {"name": "Ada", "email": "ada@example.com", "password": "correct horse"})
        post(tweet.url("/tweet"), {"text": "Hello"}, user["token"])
        return auth, tweet, user["token"]

    def post_script(self):
        """Returns a script with which wrk sends tweets."""
        script = self.folder / "post.lua"
        script.write_text(
            'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = \'{"text":"Hello from the load"}\'\n')
        return script

    def memory(self, name, service, path, at_rest):
        machine.note(f"memory of {service.child.name}")
        connections = load.OpenConnections(service.port, path, IDLE_CONNECTIONS)
        open_ = service.child.resident_kibibytes()
        connections.close()
        load.run(service.url(path), service.child, self.cores.others, seconds=SECONDS, connections=IDLE_CONNECTIONS)
        loaded = service.child.resident_kibibytes()
        time.sleep(2)
        self.table.heading(f"{name}, resident memory")
        self.table.memory("at rest", at_rest, at_most=25)
        self.table.memory(f"with {IDLE_CONNECTIONS:,} open connections", open_, at_most=60)
        self.table.memory(f"under load of {IDLE_CONNECTIONS:,} connections", loaded, at_most=60)
        self.table.memory("two seconds after the load", service.child.resident_kibibytes(), at_most=60)


def ratios(results, others, figure):
    return statistics.median(getattr(one, figure) / max(getattr(other, figure), 1e-9) for one, other in zip(results, others))


def run(bench):
    """Runs the parts that were asked for."""
    if unknown := set(PARTS) - set(PROGRAMS):
        machine.fail(f"PARTS names {', '.join(sorted(unknown))}; there are {', '.join(PROGRAMS)}", 64)
    needed = {name for part in PARTS for name in PROGRAMS[part]}
    if lacking := sorted(name for name in needed if not bench.has(name)):
        machine.fail(f"there is no {' and no '.join(lacking)} in {bench.programs}", 66)
    if {"postgresql", "together"} & set(PARTS) and peers.PostgreSQL.folder_of_tools() is None:
        machine.require([], ["postgresql"], are_missing=lambda: peers.PostgreSQL.folder_of_tools() is None)
    rate = bench.album_store() if "albums" in PARTS else None
    if "sqlite" in PARTS:
        bench.tweets_on_sqlite(rate)
    if "postgresql" in PARTS:
        bench.tweets_on_postgresql()
    if sidecar.NAME in PARTS:
        sidecar.run(bench, CONNECTIONS, SECONDS)
    if "together" in PARTS:
        Together(bench).run(MINUTES or 1)
    if "fleet" in PARTS:
        storms.Fleet(bench).run(MINUTES or 1, ROUNDS, SECONDS)
    for kind in (storms.Messages, storms.Commands):
        if kind.name in PARTS:
            storms.run(bench, kind, MINUTES or 1, ROUNDS, SECONDS)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    programs = pathlib.Path(sys.argv[1]).resolve()
    machine.require(["wrk", "nginx", "taskset"], ["wrk", "nginx-light", "util-linux"])
    status = 0
    with tempfile.TemporaryDirectory(prefix="bench-services-") as folder:
        try:
            bench = Bench(programs, pathlib.Path(folder))
            machine.note(f"cores: {bench.cores}")
            run(bench)
            bench.table.print(f"{ROUNDS} rounds of {SECONDS} s; {bench.cores}")
            status = 0 if bench.table.keepsBudgets else 1
        finally:
            machine.Child.end_all()
    return status


if __name__ == "__main__":
    sys.exit(main())
