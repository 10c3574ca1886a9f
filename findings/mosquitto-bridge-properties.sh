#!/usr/bin/env bash
# Packages: Debian 12 mosquitto 2.0.11-1.2+deb12u2 (and its libraries, unpacked, not installed), PyPI paho-mqtt 2.1.0.
#
# One would guess: two brokers that both speak MQTT 5 also speak it on the bridge between them, so a message comes
# out with its user properties, the place where traceparent travels in MQTT.
#
# Seen: a bridge speaks MQTT 3.1.1 unless told otherwise. The payload arrives, the properties do not: neither
# traceparent nor tracestate nor the content type. With "bridge_protocol_version mqttv50" all of them arrive, the
# two tracestate lines in their order.
#   straight: content type application/json, user properties traceparent, tracestate a=1, tracestate b=2
#   plain bridge: {}
#   mqttv50 bridge: the same as straight
#
# Why it matters: traces from devices end at the edge broker without an error anywhere, since the consumer behind the
# bridge starts a new trace for each message. A receiver that tells JSON from protobuf by the content type gets none.
# Look at the bridge before the instrumentation.
set -euo pipefail
work=$(mktemp -d)
brokers=()
finish() {
    for broker in "${brokers[@]}"; do kill "$broker" 2> "$work/null" || true; done
    wait
    rm -rf "$work"
}
trap finish EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download mosquitto=2.0.11-1.2+deb12u2 \
    libcjson1=1.7.15-1+deb12u4 libdlt2=2.18.8-6 libmosquitto1=2.0.11-1.2+deb12u2 libwrap0=7.6.q-32)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
export LD_LIBRARY_PATH="$work/root/usr/lib/x86_64-linux-gnu:$work/root/lib/x86_64-linux-gnu"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check paho-mqtt==2.1.0

mapfile -t ports < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(3)]
for one in sockets: one.bind(("127.0.0.1", 0))
for one in sockets: print(one.getsockname()[1])')
for index in 0 1 2; do
    printf 'listener %s 127.0.0.1\nallow_anonymous true\nlog_type error\n' "${ports[$index]}" > "$work/$index.conf"
done
printf 'connection plain\naddress 127.0.0.1:%s\ntopic # in 1\n' "${ports[0]}" >> "$work/1.conf"
printf 'connection five\naddress 127.0.0.1:%s\ntopic # in 1\nbridge_protocol_version mqttv50\n' "${ports[0]}" >> "$work/2.conf"
for index in 0 1 2; do
    timeout 60 "$work/root/usr/sbin/mosquitto" -c "$work/$index.conf" > "$work/$index.log" 2>&1 &
    brokers+=($!)
done

cat > "$work/probe.py" <<'PYTHON'
import sys
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

names = ["straight", "plain bridge", "mqttv50 bridge"]
got = {}


def connect(name, port):
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name.replace(" ", ""), protocol=mqtt.MQTTv5)
    client.on_message = lambda client, data, message: got.setdefault(name, {}).setdefault(message.payload, message.properties.json())
    deadline = time.monotonic() + 15
    while True:
        try:
            client.connect("127.0.0.1", port)
            break
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    client.loop_start()
    client.subscribe("spans/#", 1)
    return client


clients = [connect(name, int(port)) for name, port in zip(names, sys.argv[1:])]
properties = Properties(PacketTypes.PUBLISH)
properties.ContentType = "application/json"
properties.UserProperty = [
    ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ("tracestate", "a=1"),
    ("tracestate", "b=2"),
]
deadline = time.monotonic() + 25
number = 0
while len(got) < len(names) and time.monotonic() < deadline:
    number += 1
    clients[0].publish("spans/one", str(number), 1, properties=properties).wait_for_publish(5)
    time.sleep(1)
for client in clients:
    client.disconnect()
    client.loop_stop()
seen = {name: next(iter(got[name].values())) for name in names}
for name in names:
    print(f"{name}: {seen[name]}")
full = {"ContentType": "application/json", "UserProperty": properties.UserProperty}
assert seen == {"straight": full, "plain bridge": {}, "mqttv50 bridge": full}, full
PYTHON
timeout 50 "$work/venv/bin/python" "$work/probe.py" "${ports[@]}"
