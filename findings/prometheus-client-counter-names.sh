#!/usr/bin/env bash
# Package: PyPI prometheus-client 0.26.0 (prometheus_client.parser, the parser of the text format 0.0.4).
#
# One would guess: a parser hands out each sample under the name it has in the text. The suffix "_total" is a custom
# in the text format 0.0.4, not a rule.
#
# Seen: a counter without the suffix is renamed, family and sample apart: the family is "orders", the sample
# "orders_total", and nothing says that the text had no such name. The same line without its TYPE comment keeps its
# name. Served again by the same library, the metric has the new name for good.
#   # TYPE orders counter / orders 3  ->  family orders, sample orders_total
#   orders 3                          ->  family orders, sample orders
#   served again: # TYPE orders_total counter / orders_total 3.0
#
# Why it matters: a Prometheus server stores this sample as "orders". A test of an exporter that reads through this
# parser passes with "orders_total", and the dashboard built on it stays empty; a proxy that parses and serves again
# renames series on their way. Whoever checks names should compare text, or use the suffix from the start.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check prometheus-client==0.26.0
cat > "$work/probe.py" <<'PYTHON'
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families


def names(text):
    return [(family.name, family.type, [sample.name for sample in family.samples]) for family in text_string_to_metric_families(text)]


class Again:
    def collect(self):
        return text_string_to_metric_families("# HELP orders Orders taken.\n# TYPE orders counter\norders 3\n")


typed = names("# TYPE orders counter\norders 3\n")
untyped = names("orders 3\n")
gauge = names("# TYPE orders gauge\norders 3\n")
registry = CollectorRegistry()
registry.register(Again())
again = generate_latest(registry).decode()
print("with TYPE counter:", typed)
print("without TYPE:", untyped)
print("with TYPE gauge:", gauge)
print("served again:", again, sep="\n")
assert typed == [("orders", "counter", ["orders_total"])]
assert untyped == [("orders", "unknown", ["orders"])]
assert gauge == [("orders", "gauge", ["orders"])]
assert again.splitlines() == ["# HELP orders_total Orders taken.", "# TYPE orders_total counter", "orders_total 3.0"]
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
