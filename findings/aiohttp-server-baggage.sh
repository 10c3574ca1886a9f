#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-aiohttp-server and -aiohttp-client 0.66b1 with opentelemetry-sdk 1.45.1, aiohttp 3.14.5.
#
# One would guess: the server instrumentation takes in what the propagators take in, which by default are trace and baggage, as those of the other
# frameworks do; a client that is instrumented by the same project sends both on.
#
# Seen: the server takes the trace alone. The extracted context is the parent of its span and is never made current, so the handler has no baggage,
# and what it calls gets none.
#   client: sends traceparent and baggage tenant=acme
#   handler: the caller's trace, baggage {}
#   the handler's own call: traceparent, no baggage
#
# Why it matters: one service on aiohttp ends what was to reach all behind it (tenant, test run, feature flags), while traces through it are whole, so
# nobody looks there. A middleware that attaches propagate.extract(request.headers) mends it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 aiohttp==3.14.5 \
    opentelemetry-instrumentation-aiohttp-server==0.66b1 opentelemetry-instrumentation-aiohttp-client==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import asyncio

from opentelemetry import baggage, context, trace
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.instrumentation.aiohttp_server import AioHttpServerInstrumentor
from opentelemetry.sdk.trace import TracerProvider

trace.set_tracer_provider(TracerProvider())
AioHttpServerInstrumentor().instrument()
AioHttpClientInstrumentor().instrument()
from aiohttp import ClientSession, web  # noqa: E402  after the instrumentation, which replaces names in the module

seen = {}


async def first(request):
    seen["first"] = set(request.headers) & {"traceparent", "baggage"}
    seen["trace"], seen["baggage"] = trace.get_current_span().get_span_context().trace_id, dict(baggage.get_all())
    async with ClientSession() as session, session.get(request.url.with_path("/second")) as response:
        return web.Response(status=response.status)


async def second(request):
    seen["second"] = set(request.headers) & {"traceparent", "baggage"}
    return web.Response()


async def main():
    application = web.Application()
    application.router.add_get("/first", first)
    application.router.add_get("/second", second)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    with trace.get_tracer("probe").start_as_current_span("caller") as span:
        token = context.attach(baggage.set_baggage("tenant", "acme"))
        async with ClientSession() as session, session.get(f"http://127.0.0.1:{port}/first") as response:
            assert response.status == 200
        context.detach(token)
    await runner.cleanup()
    return span.get_span_context().trace_id


caller = asyncio.run(main())
print(f"sent: {sorted(seen['first'])}, same trace: {seen['trace'] == caller}, baggage: {seen['baggage']}, sent on: {sorted(seen['second'])}")
assert seen["first"] == {"traceparent", "baggage"} and seen["trace"] == caller
assert seen["baggage"] == {} and seen["second"] == {"traceparent"}
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
