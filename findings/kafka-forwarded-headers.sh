#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-confluent-kafka 0.66b1 with opentelemetry-sdk 1.45.1, confluent-kafka 2.16.1 (with the mock
# broker of librdkafka).
#
# One would guess: the producer replaces a traceparent that is in the headers already, as for any other carrier, and leaves the caller's list
# as it is; a consumer that finds two takes the last, which is the nearest.
#
# Seen: it appends to the caller's list. A list that is used for two messages, or the headers of a message that is passed on, hold one more
# traceparent after each hop, and the consumer takes the first. So each later message is linked to the first producer.
#   first message: 1 traceparent, consumer linked to producer 1
#   second message, same list: 2 traceparents, consumer linked to producer 1
#   passed on with msg.headers(): 3 traceparents, consumer linked to producer 1 in place of 3
#   passed on with a dict of them: 1 traceparent, consumer linked to producer 4
#
# Why it matters: retry topics, dead-letter queues and relays pass headers on. Their consumers hang in the trace of the first producer, the hops
# between vanish, and the headers grow until the broker refuses the message. Give a dict, or a fresh list without traceparent and tracestate.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-confluent-kafka==0.66b1 confluent-kafka==2.16.1
cat > "$work/probe.py" <<'PYTHON'
import confluent_kafka
from opentelemetry import trace
from opentelemetry.instrumentation.confluent_kafka import ConfluentKafkaInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
broker = confluent_kafka.Producer({"test.mock.num.brokers": "1", "bootstrap.servers": "mock:1", "log_level": 0})
host = next(iter(broker.list_topics(timeout=20).brokers.values()))
servers = {"bootstrap.servers": f"{host.host}:{host.port}", "log_level": 0}
ConfluentKafkaInstrumentor().instrument()
producer = confluent_kafka.Producer(servers)
consumer = confluent_kafka.Consumer({**servers, "group.id": "probe", "auto.offset.reset": "earliest"})
producers = {}


def produce(number, headers):
    producer.produce("orders", b"x", partition=0, headers=headers)
    assert producer.flush(20) == 0
    sent = [span for span in memory.get_finished_spans() if span.kind == trace.SpanKind.PRODUCER]
    producers[sent[-1].context.span_id] = number


def consume():
    """Returns the next message, its number of trace contexts, and the producer that the consumer's span is linked to."""
    for _ in range(60):
        message = consumer.poll(1)
        if message is not None and message.error() is None:
            break
    names = [name for name, _ in message.headers()]
    link = trace.get_current_span().links[0].context.span_id
    return message, names.count("traceparent"), producers[link]


headers = [("tenant", b"acme")]
produce(1, headers)
produce(2, headers)
consumer.assign([confluent_kafka.TopicPartition("orders", 0, 0)])
_, *first = consume()
message, *second = consume()
produce(3, message.headers())
_, *passed = consume()
produce(4, dict(message.headers()))
_, *as_dict = consume()
consumer.close()


def show(name, seen):
    print(f"{name}: {seen[0]} traceparent{'s' * (seen[0] > 1)}, consumer linked to producer {seen[1]}")


show("first message", first)
show("second message, same list", second)
show("passed on with msg.headers()", passed)
show("passed on with a dict of them", as_dict)
assert len([name for name, _ in headers if name == "traceparent"]) == 2
assert (first, second, passed, as_dict) == ([1, 1], [2, 1], [3, 1], [1, 4])
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py"
