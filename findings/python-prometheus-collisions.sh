#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-prometheus 0.66b2 with opentelemetry-sdk 1.45.2 and prometheus-client 0.26.0.
#
# One would guess: attributes of one point that become the same label are joined with ";", as the specification
# asks; points that become the same series are added up, or one is left out with a warning; of two instruments
# that get one name and different types, the later one is left out with a warning.
#
# Seen: of two colliding attributes one value is dropped. Points that become the same series are written as two
# samples with different values, from one counter and from two counters "x.y" and "x_y" alike. A gauge "r.total" and
# a counter "r" give two TYPE lines for the one name r_total. Nothing is logged.
#   {"a.b": "dotted", "a_b": "plain"} -> both_total{a_b="plain"} 1.0
#   hits_total{a_b="3"} 1.0
#   hits_total{a_b="3"} 5.0
#   x_y_total{i="1"} 1.0
#   x_y_total{i="1"} 2.0
#   # TYPE r_total gauge
#   # TYPE r_total counter
#
# Why it matters: a Prometheus server keeps the first sample of a series that comes twice, so here 5 of 6 hits are
# lost, with the scrape reported as good. A reader of a scrape should not take a series to be unique in it; a sender
# should not mix dotted and underscored spellings of one key, an easy slip while attribute names change.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.2 opentelemetry-sdk==1.45.2 \
    opentelemetry-exporter-prometheus==0.66b2 prometheus-client==0.26.0
cat > "$work/probe.py" <<'PYTHON'
import logging
import re

from prometheus_client import REGISTRY, generate_latest
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider

warnings = []


class Collect(logging.Handler):
    def emit(self, record):
        warnings.append(record.getMessage())


logging.getLogger().addHandler(Collect())
meter = MeterProvider(metric_readers=[PrometheusMetricReader()]).get_meter("probe")
hits = meter.create_counter("hits")
hits.add(1, {"a.b": "3"})
hits.add(5, {"a_b": "3"})
both = meter.create_counter("both")
both.add(1, {"a.b": "dotted", "a_b": "plain"})
meter.create_counter("x.y").add(1, {"i": 1})
meter.create_counter("x_y").add(2, {"i": 1})
meter.create_gauge("r.total").set(3)
meter.create_counter("r").add(1)

text = re.sub(r',?otel_scope_\w+="[^"]*"', "", generate_latest(REGISTRY).decode())
lines = [line for line in text.splitlines() if re.match(r"(# TYPE )?(hits|both|x_y|r)_total", line)]
print("\n".join(lines))
print("warnings:", warnings)
assert [line for line in lines if line.startswith("hits")] == ['hits_total{a_b="3"} 1.0', 'hits_total{a_b="3"} 5.0']
assert [line for line in lines if line.startswith("both")] == ['both_total{a_b="plain"} 1.0']
assert [line for line in lines if line.startswith("x_y")] == ['x_y_total{i="1"} 1.0', 'x_y_total{i="1"} 2.0']
assert [line for line in lines if line.startswith("# TYPE r_total")] == ["# TYPE r_total gauge", "# TYPE r_total counter"]
assert warnings == []
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
