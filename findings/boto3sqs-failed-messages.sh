#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-boto3sqs 0.66b1 with opentelemetry-sdk 1.45.1, boto3 1.44.8, moto 5.2.5 (in the process).
#
# One would guess: in a loop over the messages of receive_message() each message has a span "process", current while it is worked on, and it ends when
# the next message comes or the loop is over; one whose work failed, and that is therefore left in the queue, has it as well.
#
# Seen: the span begins when the message is taken from the list by the loop, and is ended by delete_message() alone. A message that
# is not deleted has no span; what was done for it is below a span that is never exported. And if the loop is left at that point, that span
# stays current: what the thread does from then on, sending new messages included, goes on in the trace of the failed one.
#   3 messages, the second fails: spans "process" of the first and of the third
#   loop left at a message:       a span that is made later is a child of a span that was never exported
#
# Why it matters: failures are what is missing. There is no error in the traces of a queue, as only successes have spans, and after the first break
# traces grow without an end. Delete, or give the loop a span of its own around each message's work.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-boto3sqs==0.66b1 boto3==1.44.8 'moto[sqs]==5.2.5'
cat > "$work/probe.py" <<'PYTHON'
import os

os.environ.update(AWS_ACCESS_KEY_ID="none", AWS_SECRET_ACCESS_KEY="none", AWS_DEFAULT_REGION="eu-west-1")

import boto3
from moto import mock_aws
from opentelemetry import trace
from opentelemetry.instrumentation.boto3sqs import Boto3SQSInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("probe")


def work(message):
    with tracer.start_as_current_span("work " + message["Body"]):
        if message["Body"] == "bad":
            raise ValueError("no such order")


with mock_aws():
    Boto3SQSInstrumentor().instrument()
    client = boto3.client("sqs")
    queue = client.create_queue(QueueName="orders")["QueueUrl"]
    for body in ("first", "bad", "third"):
        client.send_message(QueueUrl=queue, MessageBody=body)
    memory.clear()
    for message in client.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]:
        try:
            work(message)
            client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        except ValueError as error:
            print(f"message {message['Body']!r}: {error}")
    spans = {span.context.span_id: span for span in memory.get_finished_spans()}
    parents = {span.name: span.parent.span_id in spans for span in spans.values() if span.name.startswith("work")}
    processed = [span.name for span in spans.values() if span.name.endswith("process")]
    print(f"process spans {len(processed)}; parent of the work exported: {parents}")
    assert len(processed) == 2 and parents == {"work first": True, "work bad": False, "work third": True}
    assert not trace.get_current_span().get_span_context().is_valid

    client.send_message(QueueUrl=queue, MessageBody="bad")
    for message in client.receive_message(QueueUrl=queue)["Messages"]:
        break
    memory.clear()
    with tracer.start_as_current_span("later"):
        pass
    client.send_message(QueueUrl=queue, MessageBody="next")
    left = trace.get_current_span().get_span_context()
    found = [(span.name, span.parent.span_id == left.span_id) for span in memory.get_finished_spans()]
    print(f"after the loop was left, below its span: {found}")
    assert left.is_valid and found == [("later", True), ("orders send", True)]
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
