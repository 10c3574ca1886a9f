#!/usr/bin/env bash
# Packages: Debian sid victoria-metrics 1.145.0+ds1-2 (unpacked, not installed); PyPI opentelemetry-proto 1.45.1.
#
# One would guess: a histogram over OTLP that has no buckets, which the protocol allows for senders that want count and sum alone, is stored as its
# count and its sum.
#
# Seen: it is dropped, and the answer is 200 with no partial success; nothing is in the log. With one bucket and no bounds, which says the same, all
# is stored. A summary without quantiles keeps count and sum.
#   no bucket_counts: 200, stored: nothing
#   bucket_counts [4], no bounds: 200, stored: one_bucket, one_count, one_sum
#   summary without quantiles: 200, stored: summary_count, summary_sum
#
# Why it matters: leaving out the buckets is the usual way to make histograms cheap, and here it makes them vanish, rate of requests and mean latency
# included, while the exporter counts successes. Send one bucket without bounds.
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
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-proto==1.45.1
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
timeout 120 "$work/root/usr/bin/victoria-metrics" -storageDataPath="$work/data" -httpListenAddr="127.0.0.1:$port" > "$work/log" 2>&1 &
server=$!
cat > "$work/probe.py" <<'PYTHON'
import json
import sys
import time
import urllib.parse
import urllib.request

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest, ExportMetricsServiceResponse

base, log = sys.argv[1:]


def get(path, body=None, **parameters):
    address = f"{base}{path}?{urllib.parse.urlencode(parameters)}"
    request = urllib.request.Request(address, data=body, headers={"Content-Type": "application/x-protobuf"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.read()


deadline = time.monotonic() + 60
while True:
    try:
        get("/health")
        break
    except OSError:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def probe(name, kind, bucket_counts=()):
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add(name=name)
    data = getattr(metric, kind)
    if kind == "histogram":
        data.aggregation_temporality = 2
    now = time.time_ns()
    point = data.data_points.add(start_time_unix_nano=now - 10**10, time_unix_nano=now, count=4, sum=6.5)
    if bucket_counts:
        point.bucket_counts.extend(bucket_counts)
    status, answer = get("/opentelemetry/v1/metrics", request.SerializeToString())
    assert not ExportMetricsServiceResponse.FromString(answer).HasField("partial_success")
    time.sleep(2)
    get("/internal/force_flush")
    series = [json.loads(line)["metric"]["__name__"] for line in get("/api/v1/export", **{"match[]": f'{{__name__=~"{name}.*"}}'})[1].splitlines()]
    print(f"{name}: {status}, stored: {', '.join(sorted(series)) or 'nothing'}")
    return status, sorted(series)


assert probe("none", "histogram") == (200, [])
assert probe("one", "histogram", [4]) == (200, ["one_bucket", "one_count", "one_sum"])
assert probe("summary", "summary") == (200, ["summary_count", "summary_sum"])
with open(log) as file:
    lines = [line for line in file if "\twarn\t" in line or "\terror\t" in line]
print("warnings and errors in the log:", len(lines))
assert not lines, lines
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "http://127.0.0.1:$port" "$work/log"
