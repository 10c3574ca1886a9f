"""Load on a server: wrk as the clients, and connections that only stay open."""

import re
import resource
import socket
import statistics
import subprocess

import machine

UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}


class Result:
    """What wrk measured, with the processor time that the server used meanwhile."""

    def __init__(self, text, processor_seconds=None):
        def number(pattern):
            found = re.search(pattern, text)
            return float(found[1]) if found else 0.0

        percentile = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", text)
        self.requests = int(number(r"(\d+) requests in"))
        self.rate = number(r"Requests/sec:\s+([\d.]+)")
        self.p99 = float(percentile[1]) * UNITS[percentile[2]] if percentile else 0.0
        self.refused = int(number(r"Non-2xx or 3xx responses: (\d+)"))
        errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
        self.errors = sum(map(int, errors.groups())) if errors else 0
        self.processor = processor_seconds / self.requests if processor_seconds and self.requests else 0.0

    @classmethod
    def of_turns(cls, turns):
        """Returns the result of several loads of the same length; its percentile is the median of theirs."""
        whole = cls("")
        whole.requests = sum(turn.requests for turn in turns)
        whole.rate = statistics.fmean(turn.rate for turn in turns)
        whole.p99 = statistics.median(turn.p99 for turn in turns)
        whole.refused = sum(turn.refused for turn in turns)
        whole.errors = sum(turn.errors for turn in turns)
        whole.processor = sum(turn.processor * turn.requests for turn in turns) / max(whole.requests, 1)
        return whole


class Load:
    """Requests over as many connections, each the next one after its answer, from when it is made until `result` returns."""

    def __init__(self, url, cores, *, seconds, connections, script=None, headers=()):
        self.url = url
        self.seconds = seconds
        self.process = subprocess.Popen(
            command(url, cores, seconds, connections, script, headers), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def result(self, processor_seconds=None):
        output, _ = self.process.communicate(timeout=self.seconds + 60)
        if self.process.returncode != 0:
            machine.fail(f"wrk failed at {self.url}:\n{output}")
        return Result(output, processor_seconds() if processor_seconds else None)


def command(url, cores, seconds, connections, script, headers):
    command = ["taskset", "--cpu-list", ",".join(map(str, cores)), machine.find("wrk"), "--latency", "--threads", "1"]
    command += ["--connections", str(connections), "--duration", f"{seconds}s", "--timeout", "10s"]
    for header in headers:
        command += ["--header", header]
    if script:
        command += ["--script", str(script)]
    return [*command, url]


def run(url, server, cores, **options):
    """Loads a server, and measures its processor time too."""
    before = server.processor_seconds()
    return Load(url, cores, **options).result(lambda: server.processor_seconds() - before)


def in_turn(first, second, seconds):
    """Loads two servers for as many seconds each, in turns of one, and returns both results.

    They follow each other as a, b, b, a: a machine that is slower for some seconds, or gets slower, slows both alike. What they differ by may
    be far less than what a shared machine does between one load of seconds and the next.
    """
    loads, turns = (first, second), ([], [])
    for number in range(2 * seconds):
        which = (0, 1, 1, 0)[number % 4]
        turns[which].append(loads[which](1))
    return tuple(Result.of_turns(own) for own in turns)


def by_seconds(send, seconds):
    """Loads a server for as many seconds, each a load of its own, so that its result is one as those of `in_turn` are."""
    return Result.of_turns([send(1) for _ in range(seconds)])


class OpenConnections:
    """Connections that have sent one request each and stay open."""

    def __init__(self, port, path, count):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, count + 200)), hard))
        self.sockets = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(count)]
        for connection in self.sockets:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        for connection in self.sockets:
            if not connection.recv(65536).startswith(b"HTTP/1.1 "):
                machine.fail(f"no answer from port {port} on one of {count} connections")

    def close(self):
        for connection in self.sockets:
            connection.close()
