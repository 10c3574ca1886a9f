#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-aiokafka 0.66b1 with opentelemetry-sdk 1.45.1, aiokafka 0.14.0, confluent-kafka 2.16.1 (with the mock
# broker of librdkafka).
#
# One would guess: a message that is sent has a span and carries its trace, with send() as with send_batch(); one that is received has one consumer
# span, and getmany() adds one for the batch. server.address is the name of a broker.
#
# Seen: messages of send_batch() have no span and no header. getmany() makes a span for each message, in its sender's trace, one for each partition,
# with a link to each of those, and one for the call; these are in a trace of the call's own. All have the same name, kind and operation.
# server.address is the bootstrap server as JSON, port and quotation marks included.
#   send() three times: 3 spans, 3 headers;  send_batch(): 0 spans, no header
#   getmany() of 4 messages in 4 partitions: 9 spans "orders receive", kind CONSUMER, all of operation "receive"
#   server.address: "127.0.0.1:9092", with the quotation marks
#
# Why it matters: messages received, counted as spans, are more than twice those that were sent, depending on how they are spread over partitions;
# only messaging.batch.message_count tells the sorts apart. A map of services has a node named by a piece of JSON.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-aiokafka==0.66b1 aiokafka==0.14.0 confluent-kafka==2.16.1
cat > "$work/probe.py" <<'PYTHON'
import asyncio

import aiokafka
import confluent_kafka
from opentelemetry import trace
from opentelemetry.instrumentation.aiokafka import AIOKafkaInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
AIOKafkaInstrumentor().instrument()
broker = confluent_kafka.Producer({"test.mock.num.brokers": "1", "bootstrap.servers": "mock:1", "log_level": 0})
host = next(iter(broker.list_topics(timeout=20).brokers.values()))
server = f"{host.host}:{host.port}"


async def main():
    producer = aiokafka.AIOKafkaProducer(bootstrap_servers=server)
    await producer.start()
    for partition in range(3):
        await producer.send_and_wait("orders", b"order", partition=partition)
    sent = memory.get_finished_spans()
    addresses = {span.attributes["server.address"] for span in sent}
    memory.clear()
    batch = producer.create_batch()
    batch.append(key=None, value=b"in a batch", timestamp=None)
    await (await producer.send_batch(batch, "orders", partition=3))
    await producer.stop()
    print(f"send(): {len(sent)} spans, server.address {addresses}; send_batch(): {len(memory.get_finished_spans())} spans")
    assert len(sent) == 3 and not memory.get_finished_spans() and addresses == {f'"{server}"'}

    memory.clear()
    consumer = aiokafka.AIOKafkaConsumer(bootstrap_servers=server, auto_offset_reset="earliest")
    await consumer.start()
    partitions = [aiokafka.TopicPartition("orders", number) for number in range(4)]
    consumer.assign(partitions)
    messages, parts, calls = [], 0, 0
    for _ in range(100):
        found = await consumer.getmany(timeout_ms=500)
        calls += bool(found)
        parts += len(found)
        messages += [message for several in found.values() for message in several]
        if len(messages) == 4:
            break
    await consumer.stop()
    spans = memory.get_finished_spans()
    of_messages = [span for span in spans if "messaging.batch.message_count" not in span.attributes]
    senders = {span.context.trace_id for span in sent}
    headers = {message.value: [name for name, _ in message.headers] for message in messages}
    print(f"{len(messages)} messages in {parts} lists of {calls} calls: {len(spans)} spans {set(span.name for span in spans)}, headers {headers}")
    assert len(messages) == len(of_messages) == 4 and len(spans) == 4 + parts + calls
    assert {(span.name, span.kind.name, span.attributes["messaging.operation.type"]) for span in spans} == {("orders receive", "CONSUMER", "receive")}
    assert sum(span.context.trace_id in senders for span in of_messages) == 3
    others = [span for span in spans if span not in of_messages]
    linked = [link.context.span_id for span in others for link in span.links]
    assert sorted(linked) == sorted(span.context.span_id for span in of_messages)
    traces = {span.context.trace_id for span in others}
    assert len(traces) == calls and not traces & {span.context.trace_id for span in of_messages}
    assert headers == {b"order": ["traceparent"], b"in a batch": []}


asyncio.run(main())
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
