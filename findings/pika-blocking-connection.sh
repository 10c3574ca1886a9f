#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-pika 0.66b1 with opentelemetry-sdk 1.45.1, pika 1.4.4; Debian 12 rabbitmq-server 3.10.8-1.1+deb12u1
# with Erlang 25.2.3 (unpacked, not installed).
#
# One would guess: a message that is published has one producer span. In a loop over channel.consume() a message's span is current until the next
# message is asked for, and after the loop there is none.
#
# Seen: with the blocking connection each basic_publish has two producer spans of the same name, one below the other: the channel of the connection is
# wrapped, and so is the one inside of it. After the loop the context of its last message stays for good: what the thread does from then on, requests
# and publications of its own too, is part of that message's trace, below a span that ended long ago. Ending the loop, cancel() and other callbacks do
# not change it.
#   basic_publish: "orders send" below "orders send"
#   a span after the loop and after cancel(): below "orders receive" of the last message
#
# Why it matters: rates and durations of publishing are doubled. A worker that empties a queue once and then goes on makes one trace that never ends,
# and the sampling decision of one message holds for all that follows.
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
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-pika==0.66b1 pika==1.4.4
echo '[].' > "$work/plugins"
export PATH="$work/root/usr/lib/erlang/bin:$PATH" HOME="$work" ERL_EPMD_ADDRESS=127.0.0.1 ERL_CRASH_DUMP="$work/crash" \
    RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODENAME=probe@localhost RABBITMQ_MNESIA_BASE="$work/data" \
    RABBITMQ_LOG_BASE="$work/log" RABBITMQ_LOGS=- RABBITMQ_ENABLED_PLUGINS_FILE="$work/plugins" RABBITMQ_CONF_ENV_FILE="$work/none" \
    RABBITMQ_CONFIG_FILE="$work/none" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}"

# Starts Erlang's name server and RabbitMQ on free ports; returns whether RabbitMQ is there, and leaves nothing running if it is not.
start() {
    read -r RABBITMQ_NODE_PORT RABBITMQ_DIST_PORT ERL_EPMD_PORT < <(python3 -c 'import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(one.getsockname()[1] for one in sockets))')
    export RABBITMQ_NODE_PORT RABBITMQ_DIST_PORT ERL_EPMD_PORT
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
timeout 60 "$work/venv/bin/python" - "$RABBITMQ_NODE_PORT" <<'PYTHON'
import logging
import sys

import pika
from opentelemetry import trace
from opentelemetry.instrumentation.pika import PikaInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

logging.disable(logging.CRITICAL)
exporter = InMemorySpanExporter()
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("probe")
PikaInstrumentor().instrument()
connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", int(sys.argv[1])))
channel = connection.channel()
channel.queue_declare("orders", auto_delete=True)
channel.basic_publish("", "orders", b"order 7")
inner, outer = exporter.get_finished_spans()
print(f"{inner.kind.name} {inner.name} below {outer.kind.name} {outer.name}: {inner.parent.span_id == outer.context.span_id}")
assert (inner.name, outer.name, inner.kind, outer.kind) == ("orders send", "orders send", trace.SpanKind.PRODUCER, trace.SpanKind.PRODUCER)
assert inner.parent.span_id == outer.context.span_id and outer.parent is None
exporter.clear()
for method, _, _ in channel.consume("orders", inactivity_timeout=5):
    channel.basic_ack(method.delivery_tag)
    break
with tracer.start_as_current_span("after the loop") as after:
    pass
channel.cancel()
connection.process_data_events(0.1)
with tracer.start_as_current_span("after cancel") as later:
    pass
(received,) = (span for span in exporter.get_finished_spans() if span.name == "orders receive")
below = [span.parent is not None and span.parent.span_id == received.context.span_id for span in (after, later)]
print(f"below the message that was received: {below}, which ended before: {received.end_time < after.start_time}")
assert below == [True, True] and received.end_time < after.start_time
connection.close()
PYTHON
