#!/usr/bin/env bash
# Package: PyPI opentelemetry-sdk 1.45.1.
#
# One would guess: two parts of a program that each create the observable instrument "pool.connections" with a callback of their own (one for each
# pool) are both observed, as the specification asks; or the second is refused with a warning.
#
# Seen: the second call returns the first instrument and drops its callback. Nothing is logged at any level. From another meter both are observed.
#   one meter: observed ['a'], callbacks called: a, log lines 0
#   two meters: observed ['a', 'b'], callbacks called: a b, log lines 0
#
# Why it matters: a library that registers its callback in the constructor of a pool reports the first pool alone, however many there are, and
# the figure looks plausible. A dashboard for all pools shows one of them. Register one callback that goes over all objects.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
cat > "$work/probe.py" <<'PYTHON'
import logging

from opentelemetry.metrics import Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

lines = []


class Lines(logging.Handler):
    def emit(self, record):
        lines.append(record.getMessage())


logging.getLogger().addHandler(Lines())
logging.getLogger().setLevel(1)


class Pool:
    def __init__(self, meter, name, calls):
        def observe(_):
            calls.append(name)
            return [Observation(1, {"pool": name})]

        meter.create_observable_up_down_counter("pool.connections", [observe])


def observed(meters):
    reader = InMemoryMetricReader()
    provider = MeterProvider([reader])
    calls = []
    for name, meter in zip("ab", meters):
        Pool(provider.get_meter(meter), name, calls)
    scopes = reader.get_metrics_data().resource_metrics[0].scope_metrics
    pools = [point.attributes["pool"] for scope in scopes for metric in scope.metrics for point in metric.data.data_points]
    return pools, calls


for title, meters, wanted in (("one meter", ["db", "db"], ["a"]), ("two meters", ["db1", "db2"], ["a", "b"])):
    pools, calls = observed(meters)
    print(f"{title}: observed {pools}, callbacks called: {' '.join(calls)}, log lines {len(lines)}")
    assert pools == wanted and calls == wanted and not lines, (pools, calls, lines)
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
