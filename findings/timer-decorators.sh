#!/usr/bin/env bash
# Packages: PyPI prometheus-client 0.26.0, statsd 4.0.1, datadog 0.56.0, sentry-sdk 2.75.0, logfire 5.4.0, opentelemetry-sdk 1.45.1.
#
# One would guess: a decorator that times a function times what the function does, also if it is a coroutine or a generator; or it refuses those that
# it does not understand.
#
# Seen: it depends on the library. Prometheus's times the making of the coroutine, which is microseconds; the others wait for it. Of a generator only
# logfire times the reading, with a UserWarning unless it is told allow_generator=True; the others time its making, OpenTelemetry's with an
# asynchronous generator too, and none of them says a word. Datadog's decorator sends seconds under the type "ms", where statsd's sends milliseconds.
#   a coroutine of 0.2 s: Prometheus 0 s; statsd, Datadog, OpenTelemetry, Sentry, logfire 0.2 s
#   a generator of 0.2 s: Prometheus, Datadog, OpenTelemetry, Sentry 0 s; logfire 0.2 s
#   on the wire for 0.2 s: statsd "timed:200|ms", Datadog "timed:0.2|ms"
#
# Why it matters: a handler that is made asynchronous, or that begins to stream, becomes fast on its dashboard that day. The same decorator moved from
# one client to the other changes a timer by a factor of 1000.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check prometheus-client==0.26.0 statsd==4.0.1 datadog==0.56.0 sentry-sdk==2.75.0 \
    logfire==5.4.0 opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import datetime
import logging
import socket
import time
import warnings

import logfire
import sentry_sdk
import statsd
from datadog.dogstatsd import DogStatsd
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry, Histogram
from sentry_sdk.transport import Transport

logging.disable(logging.CRITICAL)
listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listener.bind(("127.0.0.1", 0))
listener.settimeout(10)
port = listener.getsockname()[1]


def line():
    """Returns the number in the next line of StatsD, which must be of the type of times."""
    name, rest = listener.recv(1000).decode().strip().split(":")
    value, kind = rest.split("|")[:2]
    assert (name, kind) == ("timed", "ms"), rest
    return float(value)


histogram = Histogram("timed", "Seconds.", registry=CollectorRegistry())
tracer_spans, logfire_spans, envelopes = InMemorySpanExporter(), InMemorySpanExporter(), []
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(tracer_spans))
tracer = provider.get_tracer("probe")
logfire.configure(send_to_logfire=False, console=False, additional_span_processors=[SimpleSpanProcessor(logfire_spans)])


class Envelopes(Transport):
    """Keeps what Sentry would send."""

    def capture_envelope(self, envelope):
        envelopes.append(envelope)


sentry_sdk.init("http://key@127.0.0.1:9/1", transport=Envelopes, traces_sample_rate=1.0, default_integrations=False)
plain, dog = statsd.StatsClient("127.0.0.1", port), DogStatsd(host="127.0.0.1", port=port, disable_buffering=True, disable_telemetry=True)


def prometheus_seconds():
    before, prometheus_seconds.last = prometheus_seconds.last, histogram.collect()[0].samples[-2].value
    return prometheus_seconds.last - before


prometheus_seconds.last = 0.0


def span_seconds(exporter):
    span = exporter.get_finished_spans()[-1]
    return (span.end_time - span.start_time) / 1e9


def sentry_seconds():
    (item,) = (item.payload.json for item in envelopes.pop().items if "spans" in (item.payload.json or {}))
    (span,) = item["spans"]
    times = [datetime.datetime.fromisoformat(span[key].replace("Z", "+00:00")) for key in ("start_timestamp", "timestamp")]
    return (times[1] - times[0]).total_seconds()


libraries = {
    "Prometheus": (histogram.time(), prometheus_seconds),
    "Datadog": (dog.timed("timed"), line),
    "OpenTelemetry": (tracer.start_as_current_span("timed"), lambda: span_seconds(tracer_spans)),
    "Sentry": (sentry_sdk.trace, sentry_seconds),
    "logfire": (logfire.instrument(allow_generator=True), lambda: span_seconds(logfire_spans)),
}


async def coroutine():
    await asyncio.sleep(0.2)


def generator():
    time.sleep(0.2)
    yield 1


def warned(decorator, function):
    """Returns the texts of the warnings that come when the function is decorated."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        decorator(function)
    return [str(one.message) for one in found]


def rounded(seconds):
    return "0.2 s" if 0.2 <= seconds < 2 else "0 s" if seconds < 0.1 else f"{seconds} s"


async def main():
    seen = {}
    for name, (decorator, measured) in libraries.items():
        with sentry_sdk.start_transaction(name="request"):
            await decorator(coroutine)()
        first = rounded(measured())
        with sentry_sdk.start_transaction(name="request"):
            list(decorator(generator)())
        seen[name] = (first, rounded(measured()))
        print(name, seen[name])
    assert seen == {
        "Prometheus": ("0 s", "0 s"),
        "Datadog": ("0.2 s", "0 s"),
        "OpenTelemetry": ("0.2 s", "0 s"),
        "Sentry": ("0.2 s", "0 s"),
        "logfire": ("0.2 s", "0.2 s"),
    }
    for name, (decorator, _) in libraries.items():
        assert warned(decorator, coroutine) == warned(decorator, generator) == [], name
    (warning,) = warned(logfire.instrument(), generator)
    print("logfire, not told:", warning)
    assert "should only be used on generators if they are used as context managers" in warning
    assert warned(logfire.instrument(), coroutine) == []
    await plain.timer("timed")(coroutine)()
    milliseconds = line()
    print(f"statsd: {milliseconds:.0f} of type ms")
    assert 200 <= milliseconds < 2000

    @tracer.start_as_current_span("timed")
    async def parts():
        await asyncio.sleep(0.2)
        yield 1

    async for _ in parts():
        pass
    assert span_seconds(tracer_spans) < 0.1


asyncio.run(main())
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
