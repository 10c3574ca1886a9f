#!/usr/bin/env bash
# Packages: Debian sid victoria-metrics 1.145.0+ds1-2 (unpacked, not installed); PyPI opentelemetry-sdk 1.45.1 with
# opentelemetry-exporter-otlp-proto-http 1.45.1.
#
# One would guess: sums with delta temporality, which an SDK sends if it is told to and which VictoriaMetrics has no notion of, are added up on the
# way in, or refused with an answer that says so, as Prometheus refuses them.
#
# Seen: each difference is stored as if it were the sum. The answers are 200 without a partial success, and the series has the same labels as one of
# cumulative values. increase() takes equal values for no increase.
#   10, 10 and 10 requests, cumulative: stored 10, 20, 30, increase 30
#   10, 10 and 10 requests, delta:      stored 10, 10, 10, increase 0, sum_over_time 30
#   histograms alike: _count 10, 10, 10
#
# Why it matters: a service under steady load shows no traffic at all. Set OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=cumulative, or add up in
# a collector; for stored deltas ask sum_over_time().
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
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-sdk==1.45.1 opentelemetry-exporter-otlp-proto-http==1.45.1
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
timeout 120 "$work/root/usr/bin/victoria-metrics" -storageDataPath="$work/data" -httpListenAddr="127.0.0.1:$port" -search.latencyOffset=0s \
    > "$work/log" 2>&1 &
server=$!
cat > "$work/probe.py" <<'PYTHON'
import json
import os
import sys
import time
import urllib.parse
import urllib.request

import requests as http_client
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

base = sys.argv[1]


def ask(path, body=None, kind="text/plain"):
    with urllib.request.urlopen(urllib.request.Request(base + path, data=body, headers={"Content-Type": kind}), timeout=20) as answer:
        return answer.status, answer.read().decode()


deadline = time.monotonic() + 40
while True:
    try:
        ask("/health")
        break
    except OSError:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def send(temporality):
    os.environ["OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"] = temporality
    answers, session = [], http_client.Session()
    session.hooks["response"].append(lambda answer, *_, **__: answers.append((answer.status_code, answer.content)))
    exporter = OTLPMetricExporter(base + "/opentelemetry/v1/metrics", session=session)
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=600_000)
    provider = MeterProvider([reader], resource=Resource({"service.name": temporality}))
    meter = provider.get_meter("probe")
    requests, durations = meter.create_counter("requests"), meter.create_histogram("duration")
    for _ in range(3):
        requests.add(10)
        for _ in range(10):
            durations.record(5)
        assert provider.force_flush()
        time.sleep(1)
    ask("/internal/force_flush")
    exported = ask("/api/v1/export?match[]=" + urllib.parse.quote(f'{{__name__=~"requests|duration_count","service.name"="{temporality}"}}'))[1]
    found = list(map(json.loads, exported.splitlines()))
    stored = {series["metric"]["__name__"]: series["values"] for series in found}
    labels = {series["metric"]["__name__"]: set(series["metric"].items()) - {("service.name", temporality)} for series in found}
    values = []
    for function in ("increase", "sum_over_time"):
        query = urllib.parse.quote(f'{function}({{__name__="requests","service.name"="{temporality}"}}[1m])')
        result = json.loads(ask("/api/v1/query?query=" + query)[1])["data"]["result"]
        values.append(float(result[0]["value"][1]))
    print(f"{temporality}: stored {stored}, increase and sum_over_time {values}, answers {answers}")
    assert len(answers) == 3 and all(status == 200 and not ExportMetricsServiceResponse.FromString(body).HasField("partial_success")
                                     for status, body in answers)
    # Sends once more, which is after the queries.
    provider.shutdown()
    return stored, values, labels


stored, (increase, _), cumulative = send("cumulative")
assert stored == {"requests": [10, 20, 30], "duration_count": [10, 20, 30]} and increase == 30
stored, (increase, total), delta = send("delta")
assert stored == {"requests": [10, 10, 10], "duration_count": [10, 10, 10]} and increase == 0 and total == 30
assert delta == cumulative
PYTHON
timeout 90 "$work/venv/bin/python" "$work/probe.py" "http://127.0.0.1:$port"
