#!/usr/bin/env bash
# Package: PyPI opentelemetry-sdk 1.45.1.
#
# One would guess: an observable counter whose source has started again (a pool was rebuilt, a file of the kernel counts from zero) is recognized by
# its smaller value. With delta temporality the next point is what was counted since then, with cumulative temporality it gets a new start time.
#
# Seen: the difference goes out as it is, as a negative value of a sum that says it is monotonic. The cumulative sum falls and keeps its start time.
#   observed: 100, 150, 20, 30
#   delta, monotonic: 100, 50, -130, 10
#   cumulative, monotonic: 100, 150, 20, 30; start times: 1
#
# Why it matters: whoever adds up the deltas gets 30 where 180 were counted, and a rate below zero; whoever refuses negative deltas of a monotonic
# sum, as he may, loses the point. A callback over a source that can start again has to keep an offset of its own.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import time

from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import MeterProvider, ObservableCounter
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader

observed = [100, 150, 20, 30]
print("observed:", *observed)


def points(temporality):
    """Collects once for each observed value, and returns the points."""
    reader = InMemoryMetricReader(preferred_temporality={ObservableCounter: temporality})
    values = iter(observed)
    provider = MeterProvider([reader])
    provider.get_meter("probe").create_observable_counter("bytes", [lambda _: [Observation(next(values))]])
    result = []
    for _ in observed:
        data = reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics[0].data
        assert data.is_monotonic and data.aggregation_temporality == temporality
        result.append(data.data_points[0])
        time.sleep(0.01)
    return result


delta = [point.value for point in points(AggregationTemporality.DELTA)]
print("delta, monotonic:", *delta)
cumulative = points(AggregationTemporality.CUMULATIVE)
starts = {point.start_time_unix_nano for point in cumulative}
print("cumulative, monotonic:", *(point.value for point in cumulative), "- start times:", len(starts))
assert delta == [100, 50, -130, 10], delta
assert [point.value for point in cumulative] == observed and len(starts) == 1
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
