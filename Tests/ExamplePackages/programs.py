"""Runs the example programs as their pages say, and checks output, exit codes and telemetry."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import time

from receiver import Receiver, RuntimeAPI, attributes

PATIENCE = 120
PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACE, SPAN = PARENT.split("-")[1:3]
SERVER, CLIENT, CONSUMER, ERROR = 2, 3, 5, 2


class Checks:
    """Counts what holds and what does not."""

    def __init__(self):
        self.passed = self.failed = 0

    def hold(self, text, condition, *details):
        self.passed, self.failed = self.passed + bool(condition), self.failed + (not condition)
        print("✔" if condition else "✘", text, flush=True)
        for detail in details if not condition else ():
            print("    " + str(detail).strip().replace("\n", "\n    "), flush=True)


class Program:
    """A program under test with what it writes; it is ended with the block that it is used in."""

    def __init__(self, path, *arguments, **environment):
        self.child = subprocess.Popen(
            [path, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={"PATH": os.environ.get("PATH", ""), **environment})
        self.output, self.errors = bytearray(), bytearray()
        self.written, self.has_closed = threading.Condition(), False
        self.readers = [
            threading.Thread(target=self.read, args=pair, daemon=True)
            for pair in ((self.child.stdout, self.output), (self.child.stderr, self.errors))
        ]
        for reader in self.readers:
            reader.start()

    def read(self, stream, kept):
        while chunk := os.read(stream.fileno(), 65536):
            with self.written:
                kept += chunk
                self.written.notify_all()
        with self.written:
            self.has_closed = self.has_closed or kept is self.output
            self.written.notify_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()

    @property
    def out(self):
        return self.output.decode()

    @property
    def err(self):
        return self.errors.decode()

    def shows(self, text, count=1):
        """Waits until a text has been written to standard output so many times; returns false if the output ends without it."""
        with self.written:
            self.written.wait_for(lambda: self.has_closed or self.out.count(text) >= count, PATIENCE)
            return self.out.count(text) >= count

    def end(self, number=None):
        """Waits for the exit status, after a signal if one is given; it is negative when a signal ended the program."""
        if number is not None:
            self.child.send_signal(number)
        try:
            status = self.child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return None
        for reader in self.readers:
            reader.join(PATIENCE)
        return status


def is_silent(program):
    """Whether nothing was reported, neither by telemetry nor by a crash."""
    return program.err == ""


def has_failed(span):
    """Whether the status of a span is an error; OTLP leaves out a status that is not set."""
    return span.get("status", {}).get("code") == ERROR


def command_line_tool(path, checks):
    with tempfile.TemporaryDirectory() as folder:
        (one, two) = (pathlib.Path(folder, name) for name in ("one.txt", "two.txt"))
        one.write_text("to be or not")
        two.write_text("to be")
        with Receiver() as receiver, Program(path, one, two, TRACEPARENT=PARENT, **receiver.environment) as tool:
            status = tool.end()
            checks.hold("the tool counts words and ends with 0", status == 0 and tool.out == f"4 {one}\n2 {two}\n", status, tool.out, tool.err)
            checks.hold("it reports nothing about telemetry", is_silent(tool), tool.err)
            whole = receiver.span("count words")
            files = [span for span in receiver.spans if span["name"] == "count file"]
            checks.hold("its span continues the trace in TRACEPARENT", (whole["traceId"], whole["parentSpanId"]) == (TRACE, SPAN), whole)
            checks.hold("each file is a span below it", [span["parentSpanId"] for span in files] == [whole["spanId"]] * 2, files)
            checks.hold("the words are counted", [int(point["asInt"]) for point in receiver.points("words.counted")] == [6], receiver.metrics)
        missing = pathlib.Path(folder, "missing.txt")
        with Receiver() as receiver, Program(path, one, missing, **receiver.environment) as tool:
            status = tool.end()
            record = receiver.log("file not counted")
            checks.hold("a file that is missing makes it end with 1", status == 1 and f"{missing} cannot be read." in tool.err, status, tool.err)
            checks.hold("it is a log record of the trace", record and record["traceId"] == receiver.span("count words")["traceId"], record)
            failed = [span for span in receiver.spans if has_failed(span)]
            checks.hold("its span has failed", [attributes(span)["file.path"] for span in failed] == [str(missing)], receiver.spans)
        with Program(path, one, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1") as tool:
            start = time.monotonic()
            status = tool.end()
            seconds = time.monotonic() - start
            checks.hold("without a collector it works, within its two seconds", status == 0 and seconds < 6, status, seconds)
            checks.hold("it says that telemetry was not delivered", "could not be delivered" in tool.err or "given up" in tool.err, tool.err)
        with Program(path) as tool:
            checks.hold("without files it ends with 64", tool.end() == 64 and "usage" in tool.err, tool.err)


def worker(path, checks):
    with Receiver() as receiver, Program(path, **receiver.environment) as program:
        checks.hold("the worker shows on the terminal what it does", program.shows("job failed"), program.out, program.err)
        status = program.end(signal.SIGTERM)
        checks.hold("SIGTERM ends it with 0", status == 0, status, program.err)
        checks.hold("it reports nothing about telemetry", is_silent(program), program.err)
        jobs = [span for span in receiver.spans if span["name"] == "make thumbnail"]
        steps = [span for span in receiver.spans if span["name"] == "resize"]
        checks.hold(
            "jobs belong to the trace of their sender",
            len(jobs) >= 3 and all((job["traceId"], job["parentSpanId"], job["kind"]) == (TRACE, SPAN, CONSUMER) for job in jobs), jobs)
        checks.hold("each has its step below it", sorted(step["parentSpanId"] for step in steps) == sorted(job["spanId"] for job in jobs), steps)
        failed = {job["spanId"] for job in jobs if has_failed(job)}
        record = receiver.log("job failed")
        checks.hold("a failed job is a record of its span", record and record["spanId"] in failed, record, failed)
        checks.hold("the last record of the worker is delivered: telemetry ends last", receiver.log("worker stopped"), receiver.logs)
        counts = {attributes(point)["outcome"]: int(point["asInt"]) for point in receiver.points("jobs.done")}
        checks.hold("jobs are counted by outcome", counts == {"done": len(jobs) - len(failed), "failed": len(failed)}, counts)
        durations = sum(int(point["count"]) for point in receiver.points("job.duration"))
        checks.hold("their durations are recorded", durations == len(jobs), receiver.points("job.duration"))


def hummingbird(shop_path, buyer_path, checks):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with Receiver() as receiver, Program(shop_path, PORT=str(port), **receiver.environment) as shop:
            status = shop.end()
            record = receiver.log("shop cannot serve")
            checks.hold("a taken port makes the shop end with 1", status == 1, status, shop.out, shop.err)
            checks.hold("it says why on the terminal", "shop cannot serve" in shop.out and "Address already in use" in shop.out, shop.out)
            checks.hold("it dumps no crash", is_silent(shop), shop.err)
            checks.hold("the reason is delivered", record and record["severityText"] == "critical", receiver.logs)
    # Free as of now: it was taken until a moment ago.
    url = f"http://127.0.0.1:{port}/albums/42"
    with Receiver() as receiver:
        with Program(shop_path, PORT=str(port), **receiver.environment) as shop:
            checks.hold("the shop shows on the terminal that it listens", shop.shows("listening on"), shop.out, shop.err)
            with Program(buyer_path, url, **receiver.environment) as buyer:
                status = buyer.end()
                checks.hold("the buyer gets an answer", status == 0 and buyer.out == "200 Album 42\n", status, buyer.out, buyer.err)
                checks.hold("the buyer reports nothing about telemetry", is_silent(buyer), buyer.err)
            checks.hold("the shop shows its log on the terminal", shop.shows("album wanted"), shop.out)
            status = shop.end(signal.SIGTERM)
            checks.hold("SIGTERM ends the shop with 0", status == 0, status, shop.err)
            checks.hold("the shop reports nothing about telemetry", is_silent(shop), shop.err)
        chain = [receiver.span("find album", "shop")]
        while parent := next((span for span in receiver.spans if span["spanId"] == chain[-1].get("parentSpanId")), None):
            chain.append(parent)
        checks.hold(
            "one trace goes from the buyer through the shop",
            [span["service"] for span in chain] == ["shop", "shop", "buyer", "buyer"]
            and [span["kind"] for span in chain[1:3]] == [SERVER, CLIENT] and chain[-1]["name"] == "buy album"
            and len({span["traceId"] for span in chain}) == 1, chain)
        record = receiver.log("album wanted")
        checks.hold("the shop's log belongs to it", record and record["traceId"] == chain[0]["traceId"], record)
        names = sorted({metric["name"] for metric in receiver.metrics if metric["service"] == "shop"})
        checks.hold("Hummingbird's metrics are delivered", any("http" in name or "hb" in name for name in names), names)
    with Receiver() as receiver, Program(buyer_path, url, **receiver.environment) as buyer:
        status = buyer.end()
        checks.hold("without a shop the buyer ends with 1 and dumps no crash", status == 1 and buyer.err.startswith("buyer: "), status, buyer.err)
        checks.hold("its span is delivered as failed", has_failed(receiver.span("buy album")), receiver.spans)


def lambda_function(path, checks):
    arrived = []

    def before_next(count):
        # Lambda freezes the process as soon as it asks for an invocation, and thaws it for the next one.
        started.wait(PATIENCE)
        arrived.append((len(receiver.spans), len(receiver.logs), sum(int(point["asInt"]) for point in receiver.points("greetings"))))
        program.child.send_signal(signal.SIGSTOP)
        # A process that has crashed instead is not reaped here, so that its status is still there to be shown.
        os.waitid(os.P_PID, program.child.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        program.child.send_signal(signal.SIGCONT)

    events = [b'{"name": "Ada", "headers": {"traceparent": "%s"}}' % PARENT.encode(), b'{"name": "Grace"}', b'{"unknown": 1}']
    started = threading.Event()
    with Receiver() as receiver, RuntimeAPI(events, before_next) as api:
        with Program(path, AWS_LAMBDA_RUNTIME_API=api.address, **receiver.environment) as program:
            started.set()
            checks.hold("the function takes all invocations", api.is_idle.wait(PATIENCE), program.out, program.err, api.answers)
            status = program.end(signal.SIGTERM)
            checks.hold("SIGTERM ends it with 0 while it waits", status == 0, status, program.err)
            checks.hold("it reports nothing about telemetry", is_silent(program), program.err)
        answers = [api.answers.get("request-1/response"), api.answers.get("request-2/response")]
        checks.hold("it answers", answers == ["Hello, Ada!", "Hello, Grace!"], api.answers)
        checks.hold("an event that it does not understand is refused", "errorType" in api.answers.get("request-3/error", {}), api.answers)
        checks.hold("all telemetry has arrived before each freeze", arrived == [(0, 0, 0), (1, 1, 1), (2, 2, 2), (2, 3, 2)], arrived)
        first = receiver.spans[0] if receiver.spans else {}
        checks.hold("its span continues the trace of the event", (first.get("traceId"), first.get("parentSpanId")) == (TRACE, SPAN), first)


def check(found):
    """Runs all programs; returns the exit status."""
    checks = Checks()
    for run, names in (
        (command_line_tool, ["CountWords"]), (worker, ["Worker"]), (hummingbird, ["Shop", "Buyer"]), (lambda_function, ["Greeter"]),
    ):
        try:
            run(*(found[name] for name in names), checks)
        except Exception as error:  # A span that is missing, say: the other examples are run all the same.
            checks.hold(f"{names[0]}: {type(error).__name__}: {error}", False)
    print(f"examples: {checks.passed} passed, {checks.failed} failed", flush=True)
    return 1 if checks.failed else 0
