#!/usr/bin/env bash
# Packages: PyPI faststream 0.7.8 with its telemetry middleware, nats-py 2.16.0, opentelemetry-sdk 1.45.1.
#
# One would guess: a handler that answers to another subject (@publisher) passes its own span on, so a chain of services a, b, c is a chain of spans;
# and baggage of OpenTelemetry travels with the messages, as the middleware reads and writes that header.
#
# Seen: the answer carries the header of the message that came in. The handler behind it is a sibling of the one that sent it, as long as the chain
# may be, and the span of publishing has no child. A handler that calls broker.publish() itself passes its span on. Baggage in the current context is
# not sent outside of handlers, and what the header says is not in the handler's context; only FastStream's own object has it.
#   first handler: below "first create"
#   second handler, after @publisher: below "first create", beside the first handler
#   second handler, after broker.publish(): below the first handler
#   baggage tenant=acme at a sender that is no handler: no header; header baggage: baggage.get_all() is {} in the handler
#
# Why it matters: of three services in a row, the trace shows three that the first caller addressed. Which one caused what, and the time between, can
# be read from the clock alone.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    'faststream[nats,otel]==0.7.8' nats-py==2.16.0
timeout 60 "$work/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
import logging

from faststream.nats import NatsBroker, NatsMessage, TestNatsBroker
from faststream.nats.opentelemetry import NatsTelemetryMiddleware
from opentelemetry import baggage, context, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

logging.disable(logging.CRITICAL)
exporter = InMemorySpanExporter()
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("probe")
broker = NatsBroker(middlewares=(NatsTelemetryMiddleware(tracer_provider=provider),))
received = {}


@broker.subscriber("first")
@broker.publisher("second")
async def answers(text: str):
    return text


@broker.subscriber("first-by-hand")
async def publishes(text: str):
    await broker.publish(text, "second")


@broker.subscriber("second")
async def second(message: NatsMessage):
    received["headers"], received["baggage"] = set(message.headers), dict(baggage.get_all())


async def parents(subject):
    """Returns the names of the spans above that of the second handler, from the first on."""
    exporter.clear()
    await broker.publish("hello", subject)
    spans = {span.context.span_id: span for span in exporter.get_finished_spans()}
    (span,) = (span for span in spans.values() if span.name == "second process")
    names = []
    while span.parent:
        span = spans[span.parent.span_id]
        names.insert(0, span.name)
    return names


async def main():
    async with TestNatsBroker(broker):
        token = context.attach(baggage.set_baggage("tenant", "acme"))
        await broker.publish("hello", "second")
        context.detach(token)
        print(received)
        assert "traceparent" in received["headers"] and "baggage" not in received["headers"], received
        await broker.publish("hello", "second", headers={"baggage": "tenant=acme"})
        assert "baggage" in received["headers"] and received["baggage"] == {}, received
        answered, published = await parents("first"), await parents("first-by-hand")
        print("@publisher:", answered)
        print("broker.publish():", published)
        assert answered == ["first create"], answered
        assert published == ["first-by-hand create", "first-by-hand process", "second create"], published


asyncio.run(main())
PYTHON
