#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-system-metrics 0.66b1 with opentelemetry-sdk 1.45.1, psutil 7.2.2; Python 3.11.
#
# One would guess: process.runtime.cpython.cpu.utilization and process.cpu.utilization, which are both in the default configuration, tell the same use
# of the processor since the last collection; at most one counts a full core as 1 and the other all cores.
#
# Seen: the first is 0 for a process that is busy, and now and then 10 or 30. Both ask the same object of psutil for the use since it was last asked,
# and the second to ask measures the microseconds since the first did. With only one of them configured it is right.
#   12 collections of a busy process, both: process.cpu.utilization 0.12 to 0.19, process.runtime.cpython.cpu.utilization 0 eleven times, 17.56 once
#   the same on the same machine (two cores, shared), process.runtime.cpython.cpu.utilization alone: 0.25 to 0.34
#
# Why it matters: a panel of it shows an idle process with spikes of some thousand per cent, and an alert at 90 % fires at random. The same happens to
# all such gauges where a process has two readers (Prometheus and OTLP): each sees the time since the other. Take rates of process.cpu.time.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 psutil==7.2.2 \
    opentelemetry-instrumentation-system-metrics==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import sys
import time

from opentelemetry.instrumentation.system_metrics import SystemMetricsInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

runtime, process = "process.runtime.cpython.cpu.utilization", "process.cpu.utilization"
names = sys.argv[1:]


def collected():
    return {
        metric.name: metric.data.data_points[0].value
        for resource in reader.get_metrics_data().resource_metrics for scope in resource.scope_metrics for metric in scope.metrics
    }


reader = InMemoryMetricReader()
SystemMetricsInstrumentor(config={name: None for name in names} if names else None).instrument(meter_provider=MeterProvider([reader]))
collected()
seen = {name: [] for name in (runtime, process)}
for _ in range(12):
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass
    values = collected()
    for name in seen:
        seen[name].append(round(values.get(name, -1), 2))
print(names or "default", seen, sep="\n")
if names:
    assert all(value > 0.02 for value in seen[runtime]) and sum(value > 1.5 for value in seen[runtime]) <= 2
else:
    assert all(value > 0.002 for value in seen[process])
    wrong = sum(value == 0 or value > 1.5 for value in seen[runtime])
    assert wrong >= 9 and seen[runtime].count(0) >= 5, seen
PYTHON
timeout 100 "$work/venv/bin/python" "$work/probe.py"
timeout 100 "$work/venv/bin/python" "$work/probe.py" process.runtime.cpu.utilization
