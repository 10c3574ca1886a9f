#!/usr/bin/env bash
# Packages: PyPI nats-py 2.16.0; Debian sid nats-server 2.15.1-1 (unpacked, not installed).
#
# One would guess: headers of a message that come several times (NATS allows it, W3C allows it for tracestate and baggage) reach the handler all, as a
# list or joined; and the name of a header is found however it is written, as in HTTP.
#
# Seen: the client keeps the last one only, and names are those of the sender, letter by letter. A sender that writes names as net/http of Go does
# sends "Traceparent", which the default getter of OpenTelemetry does not find.
#   on the wire: tracestate: a=1 / tracestate: b=2 / Traceparent: 00-…
#   the server's own record has tracestate a=1 and b=2
#   message.headers: {'tracestate': 'b=2', 'Traceparent': '00-…'}
#   OpenTelemetry's extract(message.headers): no trace
#
# Why it matters: entries of other vendors vanish at a hop in Python, and baggage loses all but its last part. Senders should write one header, in
# small letters; receivers in Python should lower the names before they extract.
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
"$work/venv/bin/pip" install --quiet --disable-pip-version-check nats-py==2.16.0 opentelemetry-api==1.45.1
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
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

PORT = int(sys.argv[1])
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def connect():
    for attempt in range(100):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
            writer.close()
            break
        except OSError:
            await asyncio.sleep(0.1)
    return await nats.connect(f"nats://app:app@127.0.0.1:{PORT}")


def is_valid(headers):
    return trace.get_current_span(TraceContextTextMapPropagator().extract(headers)).get_span_context().is_valid


async def main():
    client = await connect()
    orders = await client.subscribe("orders")
    records = await client.subscribe("traces")
    await client.flush()
    _, writer = await asyncio.open_connection("127.0.0.1", PORT)
    headers = f"NATS/1.0\r\ntracestate: a=1\r\ntracestate: b=2\r\nTraceparent: {PARENT}\r\n\r\n".encode()
    writer.write(b'CONNECT {"user":"app","pass":"app","headers":true,"verbose":false}\r\n')
    writer.write(b"HPUB orders %d %d\r\n%shi\r\n" % (len(headers), len(headers) + 2, headers))
    await writer.drain()
    received = dict((await orders.next_msg(timeout=10)).headers)
    record = (await records.next_msg(timeout=10)).data.decode()
    lowered = {name.lower(): value for name, value in received.items()}
    both = '"tracestate":["a=1","b=2"]' in record
    print("the server's own record has tracestate a=1 and b=2:", both)
    print("message.headers:", received)
    print("extract(message.headers) finds the trace:", is_valid(received), "- with lowered names:", is_valid(lowered))
    assert both and received == {"tracestate": "b=2", "Traceparent": PARENT}, (record, received)
    assert not is_valid(received) and is_valid(lowered)
    writer.close()
    await client.close()


asyncio.run(main())
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "$port"
