#!/usr/bin/env bash
# Package: PyPI prometheus-client 0.26.0.
#
# One would guess: a scrape that asks for escaping=dots or escaping=values gets the same families as one with allow-utf-8, with other names: the
# name of a family is escaped, and _bucket, _sum, _count and _total follow it.
#
# Seen: each sample's name is escaped as a whole, suffix included, and an underscore is doubled in both schemes. So no sample begins with
# the name in its TYPE line and a suffix: the histogram has no samples, and its buckets are series of unknown type, as is the counter.
#   allow-utf-8: lat.seconds histogram of 4, http.requests counter of 1 samples, unknown: none
#   dots: lat_dot_seconds histogram of 0, http_dot_requests counter of 0 samples, unknown: lat_dot_seconds__bucket, lat_dot_seconds__count, …
#   values: U__lat_2e_seconds histogram of 0, U__http_2e_requests counter of 0 samples, unknown: U__lat_2e_seconds__bucket, …
#   underscores: lat_seconds histogram of 4, http_requests counter of 1 samples, unknown: none
#
# Why it matters: metric_name_escaping_scheme of a Prometheus server is a choice of how names look, and here it takes away what they are: types in
# the metadata, classic histograms converted to native ones, and queries written for lat_dot_seconds_bucket find nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check prometheus-client==0.26.0
cat > "$work/probe.py" <<'PYTHON'
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.openmetrics.parser import text_string_to_metric_families

registry = CollectorRegistry()
Histogram("lat.seconds", "Latency.", registry=registry, buckets=(1,)).observe(0.5)
Counter("http.requests", "Requests.", registry=registry).inc()


def families(escaping):
    """Returns the families of a page, as the package's own parser reads it: name to type and samples, creation times left out."""
    encode, content_type = choose_encoder(f"application/openmetrics-text; version=1.0.0; escaping={escaping}")
    assert content_type.endswith(f"escaping={escaping}")
    result = {}
    for family in text_string_to_metric_families(encode(registry).decode()):
        samples = [sample.name for sample in family.samples if not sample.name.endswith("_created")]
        if samples or family.type != "unknown":
            result[family.name] = (family.type, len(samples))
    return result


seen = {escaping: families(escaping) for escaping in ("allow-utf-8", "dots", "values", "underscores")}
for escaping, found in seen.items():
    known = [f"{name} {kind} of {count}" for name, (kind, count) in found.items() if kind != "unknown"]
    unknown = [name for name, (kind, _) in found.items() if kind == "unknown"]
    print(f"{escaping}: {', '.join(known)} samples, unknown: {', '.join(unknown) or 'none'}")
whole = {"allow-utf-8": ("lat.seconds", "http.requests"), "underscores": ("lat_seconds", "http_requests")}
for escaping, (histogram, counter) in whole.items():
    assert seen[escaping] == {histogram: ("histogram", 4), counter: ("counter", 1)}
torn = {"dots": ("lat_dot_seconds", "http_dot_requests"), "values": ("U__lat_2e_seconds", "U__http_2e_requests")}
for escaping, (histogram, counter) in torn.items():
    assert seen[escaping] == {
        histogram: ("histogram", 0),
        f"{histogram}__bucket": ("unknown", 2),
        f"{histogram}__count": ("unknown", 1),
        f"{histogram}__sum": ("unknown", 1),
        counter: ("counter", 0),
        f"{counter}__total": ("unknown", 1),
    }, seen[escaping]
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
