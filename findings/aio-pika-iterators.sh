#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-aio-pika 0.66b1 with opentelemetry-sdk 1.45.1, aio-pika 10.2.1; Debian 12 rabbitmq-server
# 3.10.8-1.1+deb12u1 with Erlang 25.2.3 (unpacked, not installed).
#
# One would guess: whichever of aio-pika's ways to receive is used, work on a message is in the message's trace, as it is in a callback that consume()
# was given.
#
# Seen: in the loop "async for message in queue" each message has a consumer span that is over when the message is put into the iterator's own queue,
# before the loop gets it. In the loop there is no current span, and each span that is made there begins a trace. With queue.get() there is no span at
# all. With a callback it is as one would guess.
#   consume(callback): work below "orders receive", an exception makes that span an error
#   async for: "orders receive" ends before the work, work is the root of another trace
#   get(): no consumer span, work is the root of another trace
#
# Why it matters: the loop is the first example that the library's documentation gives. Traces end at a consumer that took no time and never fails.
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
    opentelemetry-instrumentation-aio-pika==0.66b1 aio-pika==10.2.1
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
import asyncio
import logging
import sys

import aio_pika
from opentelemetry import trace
from opentelemetry.instrumentation.aio_pika import AioPikaInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

logging.disable(logging.CRITICAL)
exporter = InMemorySpanExporter()
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("probe")
AioPikaInstrumentor().instrument()


def work():
    with tracer.start_as_current_span("work"):
        pass


def spans():
    """Returns the span of the work, and the consumer's if there is one, since the last call."""
    found = {span.name: span for span in exporter.get_finished_spans()}
    exporter.clear()
    return found["work"], found.get("orders receive")


async def main():
    connection = await aio_pika.connect(f"amqp://guest:guest@127.0.0.1:{sys.argv[1]}/")
    channel = await connection.channel()
    queue = await channel.declare_queue("orders")

    async def publish():
        with tracer.start_as_current_span("caller"):
            await channel.default_exchange.publish(aio_pika.Message(b"order 7"), routing_key="orders")

    done = asyncio.Event()

    async def callback(message):
        async with message.process():
            work()
            done.set()
            raise ValueError("no stock")

    await publish()
    tag = await queue.consume(callback)
    await asyncio.wait_for(done.wait(), 10)
    await asyncio.sleep(0.5)
    await queue.cancel(tag)
    one, consumer = spans()
    print("callback:", one.parent.span_id == consumer.context.span_id, consumer.status.status_code.name)
    assert one.parent.span_id == consumer.context.span_id and consumer.status.status_code.name == "ERROR"
    await publish()
    async with queue.iterator(timeout=10) as messages:
        async for message in messages:
            async with message.process():
                work()
            break
    one, consumer = spans()
    print("async for:", one.parent, one.context.trace_id == consumer.context.trace_id, consumer.end_time < one.start_time)
    assert one.parent is None and one.context.trace_id != consumer.context.trace_id and consumer.end_time < one.start_time
    await publish()
    message = await queue.get(timeout=10)
    work()
    await message.ack()
    one, consumer = spans()
    print("get:", one.parent, consumer)
    assert message.headers["traceparent"] and one.parent is None and consumer is None
    await connection.close()


asyncio.run(main())
PYTHON
