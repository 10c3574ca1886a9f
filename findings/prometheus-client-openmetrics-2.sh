#!/usr/bin/env bash
# Package: PyPI prometheus-client 0.26.0 (its encoder for OpenMetrics, and its parser).
#
# One would guess: a page that is announced as "application/openmetrics-text; version=2.0.0" is one of OpenMetrics 2.0 (release candidate 0, March
# 2026), and the package's parser of OpenMetrics, which reads native histograms, reads the specification's examples of them.
#
# Seen: the page has the shape of 1.0 under the name of 2.0: counters with a family name without _total, separate _created lines, histograms as
# _bucket, _sum and _count. Native histograms are written with positive_deltas, an earlier draft's word; the specification has absolute counts in
# positive_buckets. The parser loses the buckets of the specification's own example without an error, and refuses the other forms of 2.0.
#   version=2.0.0 -> # TYPE foo counter / foo_total 17.0 / foo_created …
#   native histogram written: positive_spans:[0:2],positive_deltas:[1,1]
#   positive_buckets:[1,2] read: count 3, spans (0, 2), deltas None
#   foo {count:17,…,bucket:[…]} read: KeyError 'schema'
#   foo_total 17.0 st@1520430000.123 read: ValueError
#
# Why it matters: neither side can be used to check an implementation of OpenMetrics 2.0, and a reader that trusts the version of the content type
# takes such a page for invalid; asking a Python service for 2.0 gains nothing yet.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check prometheus-client==0.26.0
cat > "$work/probe.py" <<'PYTHON'
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.samples import BucketSpan, NativeHistogram

encoder, content_type = choose_encoder("application/openmetrics-text;version=2.0.0")
registry = CollectorRegistry()
Counter("foo", "x", registry=registry).inc(17)
page = encoder(registry).decode()
print(content_type, page.splitlines()[1:4])
assert content_type.startswith("application/openmetrics-text; version=2.0.0")
assert "# TYPE foo counter\nfoo_total 17.0\nfoo_created " in page


class Native:
    def collect(self):
        metric = Metric("n", "x", "histogram")
        value = NativeHistogram(3, 4.0, 0, 1e-4, 0, (BucketSpan(0, 2),), None, (1, 1), None)
        metric.add_sample("n", None, None, None, None, value)
        yield metric


registry = CollectorRegistry()
registry.register(Native())
page = encoder(registry).decode()
print(page.splitlines()[2])
assert "positive_spans:[0:2],positive_deltas:[1,1]}" in page


def read(lines):
    (family,) = text_string_to_metric_families(lines + "# EOF\n")
    return family.samples[0].native_histogram


native = read(
    "# TYPE foo histogram\n"
    "foo {count:3,sum:4.0,schema:0,zero_threshold:1e-4,zero_count:0,positive_spans:[0:2],positive_buckets:[1,2]}\n"
)
print(native)
assert native.count_value == 3 and native.pos_spans == (BucketSpan(0, 2),) and native.pos_deltas is None

for lines, error in (
    ("# TYPE foo histogram\nfoo {count:17,sum:324789.3,bucket:[0.01:0,0.1:8,1.0:11,10.0:17,+Inf:17]}\n", KeyError),
    ("# TYPE foo counter\nfoo_total 17.0 st@1520430000.123\n", ValueError),
):
    try:
        read(lines)
    except error as problem:
        print(lines.splitlines()[1], "->", repr(problem))
    else:
        raise SystemExit(f"read without an error: {lines}")
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py"
