#!/usr/bin/env bash
# Packages: Debian sid nats-server 2.15.1-1 (unpacked, not installed), PyPI nats-py 2.16.0.
#
# One would guess: JetStream stores a message with the headers that it was published with, and a service that publishes it once more with the headers
# as they came (traceparent among them) goes on being traced by the server, which records messages whose traceparent is sampled (msg_trace).
#
# Seen: in an account with msg_trace the stored message has one header more, "Nats-Trace-Dest: trace disabled", so that its deliveries are not
# recorded again. It is handed to consumers with the others, and where it is published with them, it switches off the server's record for that message
# too.
#   published to the stream: traceparent; recorded by the server: True
#   received from the stream: traceparent, Nats-Trace-Dest: trace disabled
#   published on with all headers: recorded by the server: False
#   published on with traceparent alone: recorded by the server: True
#
# Why it matters: bridges, dead-letter queues and retries copy all headers, and the server's traces end there, for sampled messages, with no line in a
# log. Whoever copies headers should leave out those that begin with "Nats-".
set -euo pipefail
work=$(mktemp -d)
server=""
finish() {
    if [ -n "$server" ]; then kill "$server" 2> "$work/null" || true; wait "$server" || true; fi
    rm -rf "$work"
}
trap finish EXIT
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work/debian"
mirror=$(grep -rhoE '^(URIs: |deb (\[[^]]*\] )?)https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2> "$work/null" \
    | grep -m 1 -oE 'https?://[^ ]*/debian/?$' || true)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$work/apt/sources.list"
apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
(cd "$work/debian" && "${apt[@]}" download nats-server=2.15.1-1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check nats-py==2.16.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat > "$work/nats.conf" <<CONF
listen: 127.0.0.1:$port
jetstream { store_dir: "$work/data" }
accounts {
  APP {
    users: [{ user: app, password: app }]
    jetstream: enabled
    msg_trace: { dest: "traces" }
  }
}
CONF
timeout 120 "$work/root/usr/sbin/nats-server" -c "$work/nats.conf" > "$work/log" 2>&1 &
server=$!
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import sys

import nats
from nats.js.api import StreamConfig

PORT = int(sys.argv[1])
PARENT = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}


async def connect():
    for attempt in range(100):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
            writer.close()
            break
        except OSError:
            await asyncio.sleep(0.1)
    return await nats.connect(f"nats://app:app@127.0.0.1:{PORT}")


async def main():
    client = await connect()
    records = []

    async def recorded(message):
        records.append(message.data.decode())

    await client.subscribe("traces", cb=recorded)

    async def is_recorded(subject):
        """Tells whether the server has recorded a message on the subject; the record comes after the message."""
        for _ in range(20):
            if any(f'"subj":"{subject}"' in record for record in records):
                return True
            await asyncio.sleep(0.05)
        return False

    stream = client.jetstream()
    await stream.add_stream(StreamConfig(name="ORDERS", subjects=["orders.>"]))
    await stream.publish("orders.new", b"1", headers=PARENT)
    first = await is_recorded("orders.new")
    consumer = await stream.pull_subscribe("orders.>", "worker")
    (message,) = await consumer.fetch(1)
    received = dict(message.headers)
    await client.publish("copy.all", message.data, headers=received)
    everything = await is_recorded("copy.all")
    await client.publish("copy.parent", message.data, headers={"traceparent": received["traceparent"]})
    parent = await is_recorded("copy.parent")
    print("published to the stream:", ", ".join(PARENT), "- recorded by the server:", first)
    print("received from the stream:", received)
    print("published on with all headers: recorded by the server:", everything)
    print("published on with traceparent alone: recorded by the server:", parent)
    assert received == {**PARENT, "Nats-Trace-Dest": "trace disabled"}, received
    assert (first, everything, parent) == (True, False, True)
    await client.close()


asyncio.run(main())
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "$port"
