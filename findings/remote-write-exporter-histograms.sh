#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-prometheus-remote-write 0.66b1 with opentelemetry-sdk 1.45.1; Debian sid prometheus 3.5.3+ds1-6 (unpacked, not
# installed).
#
# One would guess: what this exporter writes to Prometheus has the names and the shape that a scrape of the same metrics has: histograms as cumulative
# series NAME_bucket, counters with _total, units spelled out.
#
# Seen: the buckets have the name of the histogram without a suffix, and each holds its own count alone, that of le="+Inf" too. Counters have no
# _total; units are added as they are. Of x.y and x_y one is stored.
#   lat_s{le="1"} 1, lat_s{le="2"} 1, lat_s{le="+Inf"} 1, lat_s_count 3, no lat_s_bucket
#   histogram_quantile(0.9, lat_s) -> 0.9, of the values 0.5, 1.5, 3
#   orders ("1") -> orders_1, bytes ("By") -> bytes_By
#   x.y 1 and x_y 5 -> x_y 1
#
# Why it matters: dashboards for OpenTelemetry in Prometheus find nothing. Whoever builds queries on the names that are there gets quantiles from
# buckets that are no cumulative counts: each is too low, without an error. Send OTLP to a collector, or let Prometheus scrape.
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
(cd "$work/debian" && "${apt[@]}" download prometheus=3.5.3+ds1-6)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-exporter-prometheus-remote-write==0.66b1
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'global: {scrape_interval: 1m}\n' > "$work/prometheus.yml"
timeout 120 "$work/root/usr/bin/prometheus" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
    --web.enable-remote-write-receiver --web.listen-address="127.0.0.1:$port" > "$work/log" 2>&1 &
server=$!
cat > "$work/probe.py" <<'PYTHON'
import json
import sys
import time
import urllib.parse
import urllib.request

from opentelemetry.exporter.prometheus_remote_write import PrometheusRemoteWriteMetricsExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

base = sys.argv[1]


def get(path, **parameters):
    with urllib.request.urlopen(f"{base}{path}?{urllib.parse.urlencode(parameters)}", timeout=10) as answer:
        return answer.read().decode()


deadline = time.monotonic() + 60
while True:
    try:
        get("/-/ready")
        break
    except OSError:
        assert time.monotonic() < deadline
        time.sleep(0.2)
exporter = PrometheusRemoteWriteMetricsExporter(endpoint=f"{base}/api/v1/write")
provider = MeterProvider([PeriodicExportingMetricReader(exporter, export_interval_millis=1e9)])
meter = provider.get_meter("probe")
latency = meter.create_histogram("lat", unit="s", explicit_bucket_boundaries_advisory=[1, 2])
for value in (0.5, 1.5, 3):
    latency.record(value)
meter.create_counter("orders", unit="1").add(3)
meter.create_counter("bytes", unit="By").add(4)
meter.create_counter("x.y").add(1)
meter.create_counter("x_y").add(5)
assert provider.force_flush()
time.sleep(1)


def query(text):
    return json.loads(get("/api/v1/query", query=text))["data"]["result"]


series = {}
for result in query('{__name__=~"lat.*|orders.*|bytes.*|x.*"}'):
    labels = result["metric"]
    bound = f'{{le="{labels["le"]}"}}' if "le" in labels else ""
    series[labels["__name__"] + bound] = float(result["value"][1])
(quantile,) = query("histogram_quantile(0.9, lat_s)")
print(series)
print("histogram_quantile(0.9, lat_s):", quantile["value"][1])
collided = series.pop("x_y")
assert collided in (1, 5)
assert series == {
    'lat_s{le="1"}': 1, 'lat_s{le="2"}': 1, 'lat_s{le="+Inf"}': 1, "lat_s_sum": 5, "lat_s_count": 3, "orders_1": 3, "bytes_By": 4,
}, series
assert float(quantile["value"][1]) < 1.0001
provider.shutdown()
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "http://127.0.0.1:$port"
