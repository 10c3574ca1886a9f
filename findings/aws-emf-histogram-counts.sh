#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-cloudwatch-emf 0.2.5 with opentelemetry-sdk 1.45.1.
#
# One would guess: a histogram becomes a CloudWatch metric whose statistics come close to it: SampleCount is the count, Sum the sum, Maximum the
# maximum, since the SDK hands all three to the exporter.
#
# Seen: it is written as a list of the middles of its buckets, each as often as the bucket counts, and no longer than 100 values, which is what the
# format allows. A larger histogram is shrunk to 100. Sum, minimum and maximum of the SDK are not used; the last bucket counts as 1.5 times its bound.
#   1000 values of 20 and one of 30000, in ms -> 100 values, sum 16732.5, maximum 15000
#   50 values of 20 -> 50 values, sum 875
#   a counter of 1001 -> 1001
#
# Why it matters: request rates and totals from SampleCount and Sum stay at 100 per process and export, whatever the load, and rare slow requests
# weigh ten times more than they were. A counter beside it, or histogram_as_values=False, which writes four metrics, is right.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-exporter-cloudwatch-emf==0.2.5
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import io
import json

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry_exporter_cloudwatch_emf import CloudWatchEMFExporter


def exported(values, **options):
    """Returns what the lines say about a histogram of these values and a counter of their number."""
    output = io.StringIO()
    exporter = CloudWatchEMFExporter("probe", output=output, auto_detect_aws=False, **options)
    provider = MeterProvider([PeriodicExportingMetricReader(exporter, export_interval_millis=600_000)], shutdown_on_exit=False)
    meter = provider.get_meter("probe")
    histogram, counter = meter.create_histogram("latency", unit="ms"), meter.create_counter("requests")
    for value in values:
        histogram.record(value)
        counter.add(1)
    provider.force_flush()
    provider.shutdown()
    merged = {}
    for line in output.getvalue().splitlines():
        merged.update(json.loads(line))
    return {name: value for name, value in merged.items() if name.startswith(("latency", "requests"))}


many = exported([20] * 1000 + [30000])
latency = many["latency"]
print(f"{len(latency)} values, sum {sum(latency)}, maximum {max(latency):g}, counter {many['requests']}")
assert (len(latency), sum(latency), max(latency), many["requests"]) == (100, 16732.5, 15000, 1001), many
few = exported([20] * 50)["latency"]
print(f"{len(few)} values, sum {sum(few):g}")
assert (len(few), sum(few)) == (50, 875)
derived = exported([20] * 1000 + [30000], histogram_as_values=False)
print(derived)
assert (derived["latency_count"], derived["latency_sum"], derived["latency_max"]) == (1001, 50000, 30000)
PYTHON
