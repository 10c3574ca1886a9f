#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-confluent-kafka 0.66b1 with opentelemetry-sdk 1.45.1, confluent-kafka 2.16.1 (with the mock
# broker of librdkafka).
#
# One would guess: instrument_consumer(consumer), which the documentation gives for a consumer that exists already, returns an object that does
# what the consumer did, and records spans; what it does not know, it hands on.
#
# Seen: it returns a Consumer that was never initialized. The nine methods that it overrides are handed on; all others run on the empty object
# and say "Consumer closed", while poll() of the same object delivers messages.
#   poll: a message
#   assignment, assign, pause, position, seek, store_offsets, unsubscribe, memberid: RuntimeError: Consumer closed
#   list_topics: RuntimeError: Handle has been closed
#   original_consumer().assignment(): 1 partition
#
# Why it matters: a consumer that pauses, seeks, stores offsets or assigns its partitions fails with an error that sends one to look for a
# close() in one's own code. Call those methods on the consumer that was passed in, or use ConfluentKafkaInstrumentor().instrument().
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-confluent-kafka==0.66b1 confluent-kafka==2.16.1
cat > "$work/probe.py" <<'PYTHON'
from confluent_kafka import Consumer, Producer, TopicPartition
from opentelemetry.instrumentation.confluent_kafka import ConfluentKafkaInstrumentor
from opentelemetry.sdk.trace import TracerProvider

producer = Producer({"test.mock.num.brokers": "1", "bootstrap.servers": "mock:1", "log_level": 0})
host = next(iter(producer.list_topics(timeout=20).brokers.values()))
producer.produce("orders", b"x", partition=0)
assert producer.flush(20) == 0
settings = {"bootstrap.servers": f"{host.host}:{host.port}", "group.id": "probe", "auto.offset.reset": "earliest", "log_level": 0}
plain = Consumer(settings)
consumer = ConfluentKafkaInstrumentor().instrument_consumer(plain, tracer_provider=TracerProvider())
plain.assign([TopicPartition("orders", 0, 0)])
message = None
for _ in range(60):
    message = consumer.poll(1)
    if message is not None and message.error() is None:
        break
assert message.value() == b"x"
print("poll: a message")
place = TopicPartition("orders", 0, 0)
calls = {
    "assignment": [],
    "assign": [[place]],
    "pause": [[place]],
    "position": [[place]],
    "seek": [place],
    "store_offsets": [message],
    "unsubscribe": [],
    "memberid": [],
    "list_topics": [],
}
errors = {}
for name, arguments in calls.items():
    try:
        getattr(consumer, name)(*arguments)
    except RuntimeError as error:
        errors.setdefault(str(error), []).append(name)
for error, names in errors.items():
    print(f"{', '.join(names)}: RuntimeError: {error}")
kept = consumer.original_consumer().assignment()
print(f"original_consumer().assignment(): {len(kept)} partition")
consumer.close()
assert errors == {"Consumer closed": list(calls)[:-1], "Handle has been closed": ["list_topics"]}
assert len(kept) == 1 and hasattr(plain, "pause")
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py"
