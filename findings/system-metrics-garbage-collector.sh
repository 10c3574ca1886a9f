#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-system-metrics 0.66b1 with opentelemetry-sdk 1.45.1; Python 3.11.
#
# One would guess: process.runtime.cpython.gc_count, a monotonic sum, counts the runs of the garbage collector by generation, as its name and the
# attribute "count" say.
#
# Seen: it is the number of objects that wait for the next run (gc.get_count()), in bytes by its unit. It falls with each run. cpython.gc.collections
# of the same package has the runs.
#   process.runtime.cpython.gc_count, monotonic, unit By: generation 0 goes down after a run
#   with delta temporality: negative
#   cpython.gc.collections: goes up by one
#
# Why it matters: a rate over it takes each fall for a restart and adds up what is no count of anything: a process at rest seems to collect all the
# time, and receivers that refuse negative deltas of a monotonic sum lose points. Leave this metric out of the configuration.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-system-metrics==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import gc

from opentelemetry.instrumentation.system_metrics import SystemMetricsInstrumentor
from opentelemetry.sdk.metrics import MeterProvider, ObservableCounter
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader

gc.disable()  # It runs when the probe says so.
cumulative = InMemoryMetricReader()
delta = InMemoryMetricReader(preferred_temporality={ObservableCounter: AggregationTemporality.DELTA})
SystemMetricsInstrumentor(
    config={"process.runtime.cpython.gc_count": None, "process.runtime.gc_count": None, "cpython.gc.collections": None}
).instrument(meter_provider=MeterProvider([cumulative, delta]))
kept = []


def read(reader):
    result = {}
    for scope in reader.get_metrics_data().resource_metrics[0].scope_metrics:
        for metric in scope.metrics:
            for point in metric.data.data_points:
                attributes = {str(value) for value in point.attributes.values()}
                if "0" in attributes and ("gc_count" in metric.name or "gc.collections" in metric.name):
                    assert metric.data.is_monotonic
                    result[metric.name, metric.unit] = point.value
    return result


kept.extend([] for _ in range(500))
before = read(cumulative), read(delta)
kept.append(gc.collect(0))
after = read(cumulative), read(delta)
for (name, unit), value in after[0].items():
    print(f"{name}, monotonic, unit {unit}: {before[0][name, unit]} before a run, {value} after it; delta {after[1][name, unit]}")
count, runs = ("process.runtime.cpython.gc_count", "By"), ("cpython.gc.collections", "{collection}")
assert after[0][count] < before[0][count] and after[1][count] < 0
assert after[0][runs] == before[0][runs] + 1
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
