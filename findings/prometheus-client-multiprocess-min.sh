#!/usr/bin/env bash
# Package: PyPI prometheus-client 0.26.0 in multiprocess mode.
#
# One would guess: a gauge of multiprocess_mode="min" (or "max") is the least (greatest) of the values that the processes have set. A process that has
# set none has no part in it, as it has none in mode "mostrecent".
#
# Seen: each process that defines the gauge takes part with 0 until it sets a value. "min" is 0 as long as one of them has not, and "max" is 0 where
# all set values are negative. With labels a process takes part from its first call of labels() on.
#   one process sets 5, one has only defined the gauge: min 0, max 5, mostrecent 5
#   one process sets -5, one has only defined the gauge: min -5, max 0, mostrecent -5
#   the same with a label: min 5, max -5
#
# Why it matters: with several workers one has often done none of the work in question yet, and each worker that is started anew begins so: the least
# number of free connections, or the oldest age, falls to zero and raises an alert. Define such gauges with a label.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check prometheus-client==0.26.0
cat > "$work/worker.py" <<'PYTHON'
import sys

from prometheus_client import Gauge

plain = {mode: Gauge(mode, "Probe", multiprocess_mode=mode) for mode in ("min", "max", "mostrecent")}
labelled = {mode: Gauge(f"{mode}_by_pool", "Probe", ["pool"], multiprocess_mode=mode) for mode in ("min", "max")}
for value in sys.argv[1:]:
    for gauge in plain.values():
        gauge.set(float(value))
    for gauge in labelled.values():
        gauge.labels("db").set(float(value))
PYTHON
cat > "$work/probe.py" <<'PYTHON'
import os
import subprocess
import sys
import tempfile

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector


def merged(value):
    """Runs a process that sets the value and one that does not, and returns what a scrape sees."""
    with tempfile.TemporaryDirectory() as folder:
        for arguments in ([value], []):
            subprocess.run([sys.executable, sys.argv[1], *arguments], env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": folder}, check=True)
        registry = CollectorRegistry()
        MultiProcessCollector(registry, folder)
        return {sample.name: sample.value for family in registry.collect() for sample in family.samples}


five, minus = merged("5"), merged("-5")
print("5:", five)
print("-5:", minus)
assert five == {"min": 0, "max": 5, "mostrecent": 5, "min_by_pool": 5, "max_by_pool": 5}
assert minus == {"min": -5, "max": 0, "mostrecent": -5, "min_by_pool": -5, "max_by_pool": -5}
PYTHON
PROMETHEUS_MULTIPROC_DIR="$work" timeout 60 "$work/venv/bin/python" "$work/probe.py" "$work/worker.py"
