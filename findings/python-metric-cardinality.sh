#!/usr/bin/env bash
# Packages: PyPI opentelemetry-sdk 1.45.1.
#
# One would guess: a metric has at most 2000 sets of attributes, the specification's default, and what is beyond is counted in one set more,
# otel.metric.overflow; a view can set another limit. With delta temporality a set that is used no more is gone once it has been exported.
#
# Seen: there is no limit, and no way to set one. 5000 sets are 5000 points, at each export with cumulative temporality. With delta temporality a set
# without a measurement has no point, but its memory stays for as long as the process runs.
#   5000 sets: 5000 points, none with otel.metric.overflow, and View has no parameter for a limit
#   delta, 5000 new sets for each of four exports: 5000 points each, and memory grows by about the same each time
#
# Why it matters: one attribute with a user or an order in it makes a Python service grow until it is killed, and its exports with it; deltas, which
# are the usual advice, keep the exports small and not the service. A collector or backend has to bring the limit for it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import gc
import inspect
import tracemalloc

from opentelemetry.sdk.metrics import Counter, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.metrics.view import View

COUNT = 5000


def points(reader):
    data = reader.get_metrics_data()
    if data is None:
        return []
    (resource,) = data.resource_metrics
    (scope,) = resource.scope_metrics
    (metric,) = scope.metrics
    return list(metric.data.data_points)


def counter(temporality):
    reader = InMemoryMetricReader(preferred_temporality={Counter: temporality})
    return MeterProvider([reader], shutdown_on_exit=False).get_meter("probe").create_counter("orders"), reader


orders, reader = counter(AggregationTemporality.CUMULATIVE)
for number in range(COUNT):
    orders.add(1, {"customer": number})
for _ in range(2):
    seen = points(reader)
    print("cumulative:", len(seen), "points")
    assert len(seen) == COUNT and not any("otel.metric.overflow" in point.attributes for point in seen)
parameters = list(inspect.signature(View.__init__).parameters)
print("parameters of View:", parameters)
assert not any("cardinality" in name or "limit" in name for name in parameters)

orders, reader = counter(AggregationTemporality.DELTA)
sizes = []
tracemalloc.start()
for export in range(4):
    for number in range(COUNT):
        orders.add(1, {"customer": export * COUNT + number})
    assert len(points(reader)) == COUNT and points(reader) == []
    gc.collect()
    sizes.append(tracemalloc.get_traced_memory()[0])
growth = [after - before for before, after in zip(sizes, sizes[1:])]
print("delta: bytes after each export", sizes)
assert all(each > sizes[0] / 2 for each in growth) and sizes[0] > COUNT * 100
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py"
