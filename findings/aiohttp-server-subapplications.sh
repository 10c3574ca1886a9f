#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-aiohttp-server 0.66b1 with opentelemetry-sdk 1.45.1, aiohttp 3.14.5;
# OTEL_SEMCONV_STABILITY_OPT_IN=http.
#
# One would guess: a request has one server span and is one value in the histogram of request durations, also below a sub-application (add_subapp),
# which is aiohttp's way to split a service into parts; at most an inner span is a child of the outer one.
#
# Seen: each application on the way counts the request, since each was given the middleware when it was made. The spans lie side by side: all have the
# caller as their parent, the same name and route, and the count of active requests goes up by one for each.
#   /: 1 span, 1 value in the histogram
#   /sub/x: 2 spans with the caller as parent, 2 values; active requests while it runs: 2
#   /sub/sub/y: 3 spans with the caller as parent, 3 values; active requests while it runs: 3
#
# Why it matters: rates of requests and of errors of such routes are two or three times what they are, and shares between routes are wrong. In a trace
# it looks as if the caller had called twice.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 aiohttp==3.14.5 \
    opentelemetry-instrumentation-aiohttp-server==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import asyncio

from opentelemetry import metrics, trace
from opentelemetry.instrumentation.aiohttp_server import AioHttpServerInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
metrics.set_meter_provider(MeterProvider([reader]))
AioHttpServerInstrumentor().instrument()
from aiohttp import ClientSession, web  # noqa: E402  after the instrumentation, which replaces names in the module

caller = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
active = []


def points(name):
    found = [metric for scope in reader.get_metrics_data().resource_metrics[0].scope_metrics for metric in scope.metrics if metric.name == name]
    return found[0].data.data_points if found else []


async def handler(request):
    active.append(sum(point.value for point in points("http.server.active_requests")))
    return web.Response()


async def main():
    outer, middle, inner = web.Application(), web.Application(), web.Application()
    inner.router.add_get("/y", handler)
    middle.router.add_get("/x", handler)
    middle.add_subapp("/sub", inner)
    outer.router.add_get("/", handler)
    outer.add_subapp("/sub", middle)
    runner = web.AppRunner(outer)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as session:
        for path in ("/", "/sub/x", "/sub/sub/y"):
            async with session.get(path, headers=caller) as response:
                assert response.status == 200
    await runner.cleanup()


asyncio.run(main())
spans = [(span.name, format(span.parent.span_id, "x") == "b" * 16) for span in exporter.get_finished_spans()]
values = {point.attributes["http.route"]: point.count for point in points("http.server.request.duration")}
print(spans, values, f"active {active}", sep="\n")
assert spans == [("GET /", True)] + [("GET /sub/x", True)] * 2 + [("GET /sub/sub/y", True)] * 3
assert values == {"/": 1, "/sub/x": 2, "/sub/sub/y": 3} and active == [1, 2, 3]
PYTHON
OTEL_SEMCONV_STABILITY_OPT_IN=http timeout 60 "$work/venv/bin/python" "$work/probe.py"
