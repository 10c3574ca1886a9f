#!/usr/bin/env bash
# Packages: Debian sid victoria-metrics 1.145.0+ds1-2 (unpacked, not installed); PyPI opentelemetry-sdk 1.45.1 with
# opentelemetry-exporter-otlp-proto-http 1.45.1.
#
# One would guess: an exponential histogram that VictoriaMetrics takes over OTLP keeps its counts. Its buckets become series with a label "vmrange" of
# their bounds, and those of a fine histogram are joined if need be.
#
# Seen: the bounds in the label have four digits. Where buckets are narrower than that (from scale 11 on, which the SDK chooses by itself when values
# lie close together), several get one label, and become one series with several values of the same time, of which queries see one. The sender gets
# 200; count and sum are right.
#   1000 values from 1000 to 1010, scale 13: 119 buckets sent, 22 series stored, 11 of them with several values; count 1000, in the buckets 176
#   1000 values from 1 to 1000, scale 3: 63 buckets sent, 63 series stored; count 1000, in the buckets 1000
#   the first again with max_scale 8: 4 buckets sent, 4 series stored; count 1000, in the buckets 1000
#
# Why it matters: quantiles and heat maps of a steady latency or of sizes that hardly differ are made from a fraction of the values, and which one is
# chance. Limit the scale in a view (max_scale 8 is fine), as Prometheus does with its native histograms.
set -euo pipefail
work=$(mktemp -d)
server=""
finish() {
    if [ -n "$server" ]; then kill "$server" 2> "$work/null" || true; wait "$server" || true; fi
    rm -rf "$work"
}
trap finish EXIT
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work/debian"
mirror=$(grep -rhoE '^(URIs: |deb (\[[^]]*\] )?)https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2> "$work/null" \
    | grep -m 1 -oE 'https?://[^ ]*/debian/?$' || true)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$work/apt/sources.list"
apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
(cd "$work/debian" && "${apt[@]}" download victoria-metrics=1.145.0+ds1-2)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-exporter-otlp-proto-http==1.45.1

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
timeout 120 "$work/root/usr/bin/victoria-metrics" -storageDataPath="$work/data" -httpListenAddr="127.0.0.1:$port" -search.latencyOffset=0s \
    > "$work/log" 2>&1 &
server=$!
cat > "$work/probe.py" <<'PYTHON'
import json
import sys
import time
import urllib.parse
import urllib.request

from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, MetricExportResult
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View

base = sys.argv[1]


def get(path, **parameters):
    with urllib.request.urlopen(f"{base}{path}?{urllib.parse.urlencode(parameters)}", timeout=10) as answer:
        return answer.read().decode()


deadline = time.monotonic() + 60
while True:
    try:
        get("/health")
        break
    except OSError:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def probe(name, values, **options):
    """Records the values, sends them, and returns what was sent and what is stored."""
    reader = InMemoryMetricReader()
    view = View(instrument_name=name, aggregation=ExponentialBucketHistogramAggregation(**options))
    histogram = MeterProvider([reader], views=[view]).get_meter("probe").create_histogram(name)
    for value in values:
        histogram.record(value)
    data = reader.get_metrics_data()
    point = data.resource_metrics[0].scope_metrics[0].metrics[0].data.data_points[0]
    sent = sum(1 for count in point.positive.bucket_counts if count)
    assert sum(point.positive.bucket_counts) == len(values)
    assert OTLPMetricExporter(endpoint=f"{base}/opentelemetry/v1/metrics").export(data) == MetricExportResult.SUCCESS
    time.sleep(2)
    get("/internal/force_flush")
    stored = [json.loads(line) for line in get("/api/v1/export", **{"match[]": name + "_bucket"}).splitlines()]
    queried = {
        what: int(json.loads(get("/api/v1/query", query=f"sum({name}_{what})"))["data"]["result"][0]["value"][1])
        for what in ("bucket", "count")
    }
    several = sum(1 for series in stored if len(series["values"]) > len(set(series["timestamps"])))
    print(f"{name}: scale {point.scale}, {sent} buckets sent, {len(stored)} series stored, {several} of them with several values of one time;"
          f" count {queried['count']}, in the buckets {queried['bucket']}")
    return point.scale, sent, len(stored), several, queried["count"], queried["bucket"]


close = [1000 + number / 100 for number in range(1000)]
fine = probe("close", close)
wide = probe("wide", [1 + number for number in range(1000)])
limited = probe("limited", close, max_scale=8)
assert fine[0] > 10 and fine[2] < fine[1] and fine[3] > 0 and fine[4] == 1000 and fine[5] < 500, fine
assert wide[1] == wide[2] and wide[3] == 0 and wide[4:] == (1000, 1000), wide
assert limited[1] == limited[2] and limited[4:] == (1000, 1000), limited
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "http://127.0.0.1:$port"
