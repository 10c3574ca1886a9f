#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-botocore 0.66b1 with opentelemetry-sdk 1.45.1, boto3 1.44.8, moto 5.2.5 (in the process).
#
# One would guess: the instrumentation puts traceparent into the attributes of messages to SNS and SQS alike (its own warning names both) as long as
# one of the ten that a message may have is free.
#
# Seen: messages to SQS get none, and their span is a plain client's; those to SNS get it up to seven attributes of their own. The three names that
# the propagators may write are counted, not the one that they do write: with eight there would be room for traceparent and baggage.
#   SNS, 7 attributes: PRODUCER, traceparent
#   SNS, 8 attributes: PRODUCER, none
#   SNS, 8 attributes, baggage: PRODUCER, none
#   SQS, 0 attributes: CLIENT, none
#   SQS batch, 0 attributes: CLIENT, none
#
# Why it matters: traces that go through a queue end there, while those through a topic go on, in the same service and with the same package; and a
# new attribute on a message with seven cuts the trace with no more than a warning. SQS needs opentelemetry-instrumentation-boto3sqs
# beside it, which adds a second span to each call.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-botocore==0.66b1 boto3==1.44.8 'moto[sns,sqs]==5.2.5'
cat > "$work/probe.py" <<'PYTHON'
import logging

import boto3
from moto import mock_aws
from opentelemetry import baggage, context, trace
from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

logging.disable(logging.CRITICAL)
memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
BotocoreInstrumentor().instrument(tracer_provider=provider)
account = {"region_name": "us-east-1", "aws_access_key_id": "probe", "aws_secret_access_key": "probe"}


def own(count):
    return {f"a{number}": {"DataType": "String", "StringValue": "x"} for number in range(count)}


with mock_aws():
    sqs, sns = boto3.client("sqs", **account), boto3.client("sns", **account)
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
    topic = sns.create_topic(Name="orders")["TopicArn"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})

    def sent(call):
        """Sends a message, and returns the kind of its span and the attributes of propagation that the queue has for it."""
        memory.clear()
        call()
        kind = memory.get_finished_spans()[0].kind.name
        (message,) = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"]
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        names = message.get("MessageAttributes", {})
        return kind, sorted(name for name in names if not name.startswith("a"))

    def with_baggage():
        token = context.attach(baggage.set_baggage("tenant", "acme"))
        sns.publish(TopicArn=topic, Message="x", MessageAttributes=own(8))
        context.detach(token)

    seen = {
        "SNS, 7 attributes": sent(lambda: sns.publish(TopicArn=topic, Message="x", MessageAttributes=own(7))),
        "SNS, 8 attributes": sent(lambda: sns.publish(TopicArn=topic, Message="x", MessageAttributes=own(8))),
        "SNS, 8 attributes, baggage": sent(with_baggage),
        "SQS, 0 attributes": sent(lambda: sqs.send_message(QueueUrl=queue, MessageBody="x")),
        "SQS batch, 0 attributes": sent(
            lambda: sqs.send_message_batch(QueueUrl=queue, Entries=[{"Id": "1", "MessageBody": "x"}])
        ),
    }
for name, (kind, attributes) in seen.items():
    print(f"{name}: {kind}, {', '.join(attributes) or 'none'}")
assert list(seen.values()) == [
    ("PRODUCER", ["traceparent"]),
    ("PRODUCER", []),
    ("PRODUCER", []),
    ("CLIENT", []),
    ("CLIENT", []),
]
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py"
