#!/usr/bin/env bash
# Packages: Debian 12 rabbitmq-server 3.10.8-1.1+deb12u1 with Erlang 25.2.3 (unpacked, not installed; with its plugin rabbitmq_prometheus), PyPI pika
# 1.4.4.
#
# One would guess: the series of /metrics that end in _total and have the type counter go up for as long as the broker runs, whoever comes and goes;
# rabbitmq_queue_messages_published_total is a count of the queues, and stays while they do.
#
# Seen: those of channels, connections and queues are sums over the ones that are open at the moment, and what was published to a queue is kept by the
# channel that did it. When a connection closes its share is taken off; when a queue is deleted, that of the channels which read from it is.
#   100 messages by one connection, 10 by another: rabbitmq_channel_messages_published_total 110, rabbitmq_queue_messages_published_total 110
#   the first connection closes: 10, 10;  rabbitmq_global_messages_received_total 110
#   60 messages read and acknowledged: rabbitmq_channel_messages_acked_total 60;  the queue is deleted: 0
#
# Why it matters: rate() takes each fall for a restart and counts what is left as new: with a hundred steady publishers and one that comes and goes,
# each of its ends adds all that the hundred have ever published. Programs that open a connection for each task show as enormous rates. Use
# rabbitmq_global_…, and rabbitmq_connections_opened_total and its like, which go up.
set -euo pipefail
work=$(mktemp -d)
processes=()

# Ends what runs; each process is killed after ten seconds by its timeout.
stop() {
    for process in "${processes[@]}"; do kill "$process" 2> "$work/null" || true; done
    for process in "${processes[@]}"; do wait "$process" || true; done
    processes=()
}

finish() {
    stop
    rm -rf "$work"
}
trap finish EXIT
chmod 755 "$work"
mkdir "$work/debian"
mkdir "$work/data" "$work/log"
erlang=25.2.3+dfsg-1+deb12u4
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download rabbitmq-server=3.10.8-1.1+deb12u1 \
    erlang-{asn1,base,crypto,eldap,ftp,inets,mnesia,os-mon,parsetools,public-key,runtime-tools,snmp,ssl,syntax-tools,tftp,tools,xmerl}=1:$erlang)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
sed -i "s#ROOTDIR=/usr/lib/erlang#ROOTDIR=$work/root/usr/lib/erlang#" "$work/root/usr/lib/erlang/bin/erl"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pika==1.4.4
echo '[rabbitmq_prometheus].' > "$work/plugins"
export PATH="$work/root/usr/lib/erlang/bin:$PATH" HOME="$work" ERL_EPMD_ADDRESS=127.0.0.1 ERL_CRASH_DUMP="$work/crash" \
    RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODENAME=probe@localhost RABBITMQ_MNESIA_BASE="$work/data" \
    RABBITMQ_LOG_BASE="$work/log" RABBITMQ_LOGS=- RABBITMQ_ENABLED_PLUGINS_FILE="$work/plugins" RABBITMQ_CONF_ENV_FILE="$work/none" \
    RABBITMQ_CONFIG_FILE="$work/rabbitmq" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}"

# Starts Erlang's name server and RabbitMQ on free ports; returns whether RabbitMQ is there, and leaves nothing running if it is not.
start() {
    read -r RABBITMQ_NODE_PORT RABBITMQ_DIST_PORT ERL_EPMD_PORT metrics < <(python3 -c 'import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
print(*(one.getsockname()[1] for one in sockets))')
    export RABBITMQ_NODE_PORT RABBITMQ_DIST_PORT ERL_EPMD_PORT
    printf 'prometheus.tcp.ip = 127.0.0.1\nprometheus.tcp.port = %s\n' "$metrics" > "$work/rabbitmq.conf"
    # The name server ends by itself now and then while no node is registered.
    timeout --kill-after=10 150 bash -c 'for _ in {1..20}; do epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1; done' > "$work/epmd.log" 2>&1 &
    processes=($!)
    sleep 1
    timeout --kill-after=10 150 "$work/root/usr/lib/rabbitmq/lib/rabbitmq_server-3.10.8/sbin/rabbitmq-server" > "$work/rabbitmq.log" 2>&1 &
    processes=($! "${processes[@]}")
    for _ in $(seq 120); do
        if grep -q "startup complete" "$work/rabbitmq.log"; then return 0; fi
        kill -0 "${processes[0]}" 2> "$work/null" || break
        sleep 0.5
    done
    stop
    return 1
}

start || start || start
timeout 120 "$work/venv/bin/python" - "$RABBITMQ_NODE_PORT" "$metrics" <<'PYTHON'
import sys
import time
import urllib.request

import pika

port, metrics = sys.argv[1:]
names = {
    "channel": "rabbitmq_channel_messages_published_total",
    "queue": "rabbitmq_queue_messages_published_total",
    "acked": "rabbitmq_channel_messages_acked_total",
    "global": 'rabbitmq_global_messages_received_total{protocol="amqp091"}',
    "opened": "rabbitmq_connections_opened_total",
}


def scrape():
    text = urllib.request.urlopen(f"http://127.0.0.1:{metrics}/metrics", timeout=20).read().decode()
    lines = text.splitlines()
    assert all(f"# TYPE {name.split('{')[0]} counter" in lines for name in names.values())
    values = dict(line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    return {key: int(float(values[name])) for key, name in names.items()}


def expect(what, **values):
    """Waits for the broker's statistics, which it takes every five seconds."""
    deadline = time.monotonic() + 30
    while True:
        seen = scrape()
        if all(seen[key] == value for key, value in values.items()):
            break
        assert time.monotonic() < deadline, (what, seen)
        time.sleep(0.5)
    print(f"{what}: {seen}")


def connect():
    connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", int(port)))
    return connection, connection.channel()


def publish(channel, queue, count):
    for _ in range(count):
        channel.basic_publish("", queue, b"placed")


first, first_channel = connect()
second, second_channel = connect()
first_channel.queue_declare("orders")
publish(first_channel, "orders", 100)
publish(second_channel, "orders", 10)
for connection in (first, second):
    connection.process_data_events(0.1)
expect("100 and 10 published", channel=110, queue=110, opened=2, **{"global": 110})
for _ in range(60):
    method, _, _ = second_channel.basic_get("orders")
    second_channel.basic_ack(method.delivery_tag)
expect("60 acknowledged", channel=110, acked=60)
first.close()
expect("the first is closed", channel=10, queue=10, acked=60, opened=2, **{"global": 110})
second_channel.queue_declare("other")
publish(second_channel, "other", 1)
second_channel.queue_delete("orders")
second.process_data_events(0.1)
expect("the queue is deleted", channel=11, queue=1, acked=0, **{"global": 111})
second.close()
PYTHON
