#!/usr/bin/env bash
# Package: PyPI opentelemetry-sdk 1.45.1.
#
# One would guess: a cumulative sum of an attribute set that is first seen later has the start time of its instrument, since that is how long zero was
# its value; in any case it starts before the time of its point. The process start is what an observable counter counts from.
#
# Seen: the start is the moment of the set's first measurement. For an observable counter that is the collection which first saw it: start and time of
# the first point are both within that collection, and all that was counted until then was counted in no time. A set that goes away and comes back has
# its old start.
#   counter, added to 1 s after the first collection:  start 1.0 s, time 2.0 s, value 1
#   observable, seen by the second collection, at 2 s: start 2.0 s, time 2.0 s, value 7
#
# Why it matters: rates that a backend makes from start times lose the first value of each series, or divide by next to nothing. Of a program that
# counts errors by their kind, the first error of each kind shows in no rate. Record a zero (or observe one) for the sets that are known at the start.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import time

from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

began = time.time_ns()
reader, observed = InMemoryMetricReader(), {}
meter = MeterProvider([reader]).get_meter("probe")
counter = meter.create_counter("counted")
meter.create_observable_counter("observed", [lambda _: [Observation(value, {"kind": kind}) for kind, value in observed.items()]])


def points():
    data = reader.get_metrics_data()
    found = {}
    for metric in data.resource_metrics[0].scope_metrics[0].metrics if data else []:
        for point in metric.data.data_points:
            found[metric.name, point.attributes["kind"]] = point.start_time_unix_nano, point.time_unix_nano, point.value
    return found


observed["early"] = 1
counter.add(1, {"kind": "early"})
points()
collected = time.time_ns()
time.sleep(1)
adding = time.time_ns()
counter.add(1, {"kind": "late"})
added = time.time_ns()
time.sleep(1)
observed["late"] = 7
asked = time.time_ns()
seen = points()
answered = time.time_ns()
for key, (start, end, value) in seen.items():
    print(f"{key}: start {(start - began) / 1e9:.2f} s, time {(end - began) / 1e9:.2f} s, value {value}")
assert began <= seen["counted", "early"][0] <= collected and began <= seen["observed", "early"][0] <= collected
start, end, value = seen["counted", "late"]
assert adding <= start <= added < asked <= end and value == 1
start, end, value = seen["observed", "late"]
assert asked <= start <= end <= answered and value == 7
observed.pop("late")
points()
observed["late"] = 8
assert points()["observed", "late"][0] == start
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
