#!/usr/bin/env bash
# Packages: PyPI moto[server] 5.2.5, boto3 1.44.8.
#
# One would guess: a stand-in for SNS puts the attributes of a message into the notification that it posts to a webhook
# ("MessageAttributes": {…}), as SNS does and as the stand-in itself does for a queue of SQS.
#
# Seen: for http endpoints it drops them; for a queue the same message has them.
#   http: MessageAttributes missing
#   sqs: MessageAttributes traceparent
#
# Why it matters: trace context travels as attributes of messages. A test of a webhook against this stand-in sees each trace end
# at the topic, and the instrumentation is blamed. Test that hop with a queue, or with raw bytes posted by hand.
set -euo pipefail
work=$(mktemp -d)
server=""
finish() {
    if [ -n "$server" ]; then kill "$server" 2> "$work/null" || true; wait "$server" || true; fi
    rm -rf "$work"
}
trap finish EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'moto[server]==5.2.5' boto3==1.44.8
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
timeout 120 "$work/venv/bin/moto_server" -H 127.0.0.1 -p "$port" > "$work/log" 2>&1 &
server=$!
timeout 90 "$work/venv/bin/python" - "$port" <<'PYTHON'
import http.server
import json
import socket
import sys
import threading
import time

import boto3

port = int(sys.argv[1])
for _ in range(300):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        break
    except OSError:
        time.sleep(0.1)

bodies = []


class Webhook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *arguments):
        pass


webhook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
threading.Thread(target=webhook.serve_forever, daemon=True).start()
settings = dict(
    endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
sns, sqs = boto3.client("sns", **settings), boto3.client("sqs", **settings)
topic = sns.create_topic(Name="orders")["TopicArn"]
sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{webhook.server_port}/")
queue = sqs.create_queue(QueueName="orders")["QueueUrl"]
arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
context = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
sns.publish(TopicArn=topic, Message="created", MessageAttributes={"traceparent": {"DataType": "String", "StringValue": context}})
for _ in range(100):
    if any(body["Type"] == "Notification" for body in bodies):
        break
    time.sleep(0.1)
queued = json.loads(sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"])


def names(body):
    return ", ".join(body["MessageAttributes"]) if "MessageAttributes" in body else "missing"


posted = next(body for body in bodies if body["Type"] == "Notification")
print("http: MessageAttributes", names(posted))
print("sqs: MessageAttributes", names(queued))
assert posted["Message"] == queued["Message"] == "created"
assert names(posted) == "missing" and names(queued) == "traceparent"
PYTHON
