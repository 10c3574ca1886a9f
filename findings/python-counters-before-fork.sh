#!/usr/bin/env bash
# Packages: PyPI opentelemetry-sdk 1.45.1; Python 3.11 on Linux.
#
# One would guess: a process that forks workers (gunicorn with preload_app, multiprocessing) keeps what it counted before, and a worker counts from
# zero, as it does not export the spans that its parent had ended.
#
# Seen: spans that waited at the fork are exported by the parent alone. Counts are exported by everybody: each worker goes on from its parent's sum,
# with the start time of the parent, and under a service.instance.id of its own, so that nothing tells them from counts of the worker.
#   5 orders before the fork, 1 in each of two workers: exported 6, 6 and 5 by three instances, 17 in sum, not 7
#   span of before the fork: exported once
#
# Why it matters: sums over instances count the start of the service once for each worker, and once more for each worker that is started anew, for as
# long as the series last. Make the MeterProvider in the worker (post_fork), or count nothing before.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import json
import os
import sys
import warnings

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult, PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

warnings.simplefilter("ignore", DeprecationWarning)
target = os.open(sys.argv[1], os.O_CREAT | os.O_APPEND | os.O_WRONLY)


def write(**line):
    os.write(target, (json.dumps(line) + "\n").encode())


class Metrics(MetricExporter):
    def export(self, data, timeout_millis=0, **_):
        for resource in data.resource_metrics:
            (point,) = resource.scope_metrics[0].metrics[0].data.data_points
            instance = resource.resource.attributes["service.instance.id"]
            write(process=os.getpid(), value=point.value, start=point.start_time_unix_nano, instance=instance)
        return MetricExportResult.SUCCESS

    def force_flush(self, timeout_millis=0):
        return True

    def shutdown(self, timeout_millis=0, **_):
        pass


class Spans(SpanExporter):
    def export(self, spans):
        write(process=os.getpid(), spans=[span.name for span in spans])
        return SpanExportResult.SUCCESS


meters = MeterProvider([PeriodicExportingMetricReader(Metrics(), export_interval_millis=3_600_000)])
tracers = TracerProvider()
tracers.add_span_processor(BatchSpanProcessor(Spans(), schedule_delay_millis=3_600_000))
orders, tracer = meters.get_meter("probe").create_counter("orders"), tracers.get_tracer("probe")
orders.add(5)
tracer.start_span("before").end()
for _ in range(2):
    worker = os.fork()
    if worker == 0:
        orders.add(1)
        tracer.start_span("worker").end()
        done = meters.force_flush() and tracers.force_flush()
        os._exit(0 if done else 1)
    assert os.waitpid(worker, 0)[1] == 0
assert meters.force_flush() and tracers.force_flush()
with open(sys.argv[1]) as file:
    lines = [json.loads(line) for line in file]
points = [line for line in lines if "value" in line]
print("orders:", [(line["value"], line["start"], line["instance"]) for line in points])
print("spans:", [line["spans"] for line in lines if "spans" in line])
assert sorted(line["value"] for line in points) == [5, 6, 6]
assert len({line["start"] for line in points}) == 1 and len({line["instance"] for line in points}) == 3
assert sorted(sum((line["spans"] for line in lines if "spans" in line), [])) == ["before", "worker", "worker"]
meters.shutdown()
tracers.shutdown()
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "$work/lines"
