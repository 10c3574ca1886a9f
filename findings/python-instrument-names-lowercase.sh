#!/usr/bin/env bash
# Packages: PyPI opentelemetry-sdk 1.45.1.
#
# One would guess: names of instruments are compared without regard to case, as the specification asks, and exported as they were written, or as they
# were written first.
#
# Seen: they are exported in small letters. Names of meters, units and attributes stay as they are, and so does the name that a view gives.
#   create_counter("ordersPlaced") -> ordersplaced
#   create_histogram("HTTP.Server.Duration") -> http.server.duration
#   View(instrument_name="ordersPlaced", name="ordersPlaced") -> ordersPlaced
#
# Why it matters: a service that is rewritten in Python, or a metric that two services in two languages share, has other names than its dashboards and
# alerts ask for; these show no data and no error. Backends compare names byte by byte. Name metrics in small letters, or put a view beside it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
cat > "$work/probe.py" <<'PYTHON'
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import View


def exported(views=()):
    reader = InMemoryMetricReader()
    meter = MeterProvider([reader], views=views).get_meter("Shop.Orders")
    meter.create_counter("ordersPlaced", unit="By").add(1, {"Route": "/A"})
    meter.create_histogram("HTTP.Server.Duration").record(1)
    scope = reader.get_metrics_data().resource_metrics[0].scope_metrics[0]
    first = scope.metrics[0]
    return scope.scope.name, [metric.name for metric in scope.metrics], first.unit, dict(first.data.data_points[0].attributes)


plain = exported()
viewed = exported([View(instrument_name="ordersPlaced", name="ordersPlaced")])
print(plain, viewed[1], sep="\n")
assert plain == ("Shop.Orders", ["ordersplaced", "http.server.duration"], "By", {"Route": "/A"})
assert "ordersPlaced" in viewed[1]
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
