#!/usr/bin/env bash
# Packages: PyPI opentelemetry-sdk 1.45.1, opentelemetry-instrumentation-httpx and -aiohttp-client 0.66b1, httpx 0.28.1, aiohttp 3.14.5; Python 3.11.
#
# One would guess: a call that asyncio.timeout() or asyncio.wait_for() cuts off is a failed span, as one that runs into the client's own timeout is:
# it has the status ERROR and the exception.
#
# Seen: for aiohttp it is. For httpx, and for a span of one's own (start_as_current_span), it is a success: no status, no exception, no error.type,
# and over HTTP no status code either. A cancellation is no Exception in Python, and what records errors there looks at those alone.
#   own span: cut off UNSET, events 0
#   httpx: cut off UNSET, events 0, no error.type, no status code; own timeout ERROR, events 1
#   aiohttp: cut off ERROR, events 1, CancelledError; own timeout ERROR, events 1
#
# Why it matters: where a deadline for the whole request is the timeout that strikes first, calls of httpx to a dependency that hangs count as good
# ones in the rate of errors, however long they last. Look for client spans without a status code, or record the cancellation in a span of one's own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-httpx==0.66b1 opentelemetry-instrumentation-aiohttp-client==0.66b1 httpx==0.28.1 aiohttp==3.14.5
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import os

os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"
import aiohttp
import httpx
from opentelemetry import trace
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(memory))
trace.set_tracer_provider(provider)
HTTPXClientInstrumentor().instrument()
AioHttpClientInstrumentor().instrument()


async def silent(reader, writer):
    """Takes a request, and does not answer."""
    try:
        await reader.read()
    except (asyncio.CancelledError, ConnectionError):
        pass
    writer.close()


async def own(_, timeout):
    with trace.get_tracer("probe").start_as_current_span("work"):
        await asyncio.sleep(60)


async def with_httpx(address, timeout):
    async with httpx.AsyncClient(timeout=timeout) as client:
        await client.get(address)


async def with_aiohttp(address, timeout):
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout)) as session, session.get(address):
        pass


async def outcome(call, address, cut_off):
    memory.clear()
    try:
        async with asyncio.timeout(0.5 if cut_off else 30):
            await call(address, 30 if cut_off else 0.5)
    except (TimeoutError, httpx.TimeoutException):
        pass
    else:
        raise AssertionError("the call was answered")
    (span,) = memory.get_finished_spans()
    assert 0.3 < (span.end_time - span.start_time) / 1e9 < 20
    return span.status.status_code.name, len(span.events), span.attributes.get("error.type"), span.attributes.get("http.response.status_code")


async def main():
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    address = "http://127.0.0.1:%d/" % server.sockets[0].getsockname()[1]
    for name, call in (("own span", own), ("httpx", with_httpx), ("aiohttp", with_aiohttp)):
        cut = await outcome(call, address, True)
        print(f"{name}: cut off {cut}")
        assert cut == (("ERROR", 1, "CancelledError", None) if call is with_aiohttp else ("UNSET", 0, None, None)), cut
        if call is not own:
            failed = await outcome(call, address, False)
            print(f"{name}: own timeout {failed}")
            assert failed[0] == "ERROR" and failed[1] == 1 and failed[2], failed
    server.close()


asyncio.run(main())
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
