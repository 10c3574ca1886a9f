#!/usr/bin/env bash
# Packages: PyPI moto[server] 5.2.5, boto3 1.44.8.
#
# One would guess: a stand-in for SNS signs its notifications so that a webhook can verify them by SigningCertURL, or sends a text
# that is plainly no signature; and the version of the signature is the one that the topic asks for.
#
# Seen: a signature of 256 bytes, always of version 2, by a certificate that is nowhere: its URL has another random name at Amazon's host
# for each message.
#   3 messages: 3 certificates, signature of 256 bytes, version 2 (the topic's attribute SignatureVersion: 1)
#
# Why it matters: a webhook that verifies refuses each message, and asks Amazon's host for a certificate that never existed, once a
# message, since a cache by URL never hits. Such a test needs its verification switched off, or another stand-in.
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
import base64
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
sns = boto3.client(
    "sns", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
topic = sns.create_topic(Name="orders", Attributes={"SignatureVersion": "1"})["TopicArn"]
sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{webhook.server_port}/")
for number in range(3):
    sns.publish(TopicArn=topic, Message=str(number))
notifications = []
for _ in range(100):
    notifications = [body for body in list(bodies) if body["Type"] == "Notification"]
    if len(notifications) == 3:
        break
    time.sleep(0.1)
certificates = {body["SigningCertURL"] for body in notifications}
lengths = {len(base64.b64decode(body["Signature"])) for body in notifications}
versions = {body["SignatureVersion"] for body in notifications}
print(f"{len(notifications)} messages: {len(certificates)} certificates, signature of {lengths} bytes, version {versions}")
assert len(notifications) == 3 and len(certificates) == 3, notifications
assert lengths == {256} and versions == {"2"}, (lengths, versions)
assert all(url.startswith("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-") for url in certificates)
PYTHON
