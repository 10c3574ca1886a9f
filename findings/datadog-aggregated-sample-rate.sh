#!/usr/bin/env bash
# Package: PyPI datadog 0.56.0 (its DogStatsD client).
#
# One would guess: a counter with a sample rate gives about the same sum with and without the client's aggregation (disable_aggregation=False): either
# each call is sampled, or all calls are added up and the sum is sent without a rate.
#
# Seen: all calls are added up, and then one draw decides about the sum: it is sent with the rate, by which the agent divides, or it is thrown away.
# So each interval (0.3 s) counts as nothing or as a multiple of what there was.
#   100 calls at a rate of 0.5, without aggregation: counts as 100, give or take 10
#   the same with aggregation: nothing, or "c:100|c|@0.5", which counts as 200; never anything else
#   with aggregation at a rate of 0.1: nothing, or "c:100|c|@0.1", which counts as 1000
#
# Why it matters: aggregation is switched on to send fewer packets, where rates were used for the same reason before. Sums over a day stay about
# right; rates by the minute, of counters that are moved now and then above all, become noise, and a single rare event shows as ten or not at all.
# Take the rates out when switching it on: added up they save nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check datadog==0.56.0
cat > "$work/probe.py" <<'PYTHON'
import re
import socket

from datadog.dogstatsd import DogStatsd

agent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
agent.bind(("127.0.0.1", 0))
agent.settimeout(20)


def counted(rate, aggregated):
    """Counts to 100 and flushes, 60 times, and returns what an agent makes of each time."""
    client = DogStatsd(host="127.0.0.1", port=agent.getsockname()[1], disable_telemetry=True, disable_aggregation=not aggregated,
                       flush_interval=600)
    mark = DogStatsd(host="127.0.0.1", port=agent.getsockname()[1], disable_telemetry=True)
    rounds = []
    for _ in range(60):
        for _ in range(100):
            client.increment("c", sample_rate=rate)
        client.flush_aggregated_metrics()
        mark.increment("end")
        lines = []
        while "end:1|c" not in lines:
            lines += agent.recv(10000).decode().split()
        lines.remove("end:1|c")
        counts = [re.fullmatch(r"c:(\d+)\|c\|@([\d.]+)", line).groups() for line in lines]
        rounds.append(round(sum(int(value) / float(share) for value, share in counts)))
    return rounds


plain = counted(0.5, False)
print(f"without aggregation, rate 0.5: {min(plain)} to {max(plain)}, mean {sum(plain) / 60:.0f}")
assert 40 <= min(plain) and max(plain) <= 160 and 90 < sum(plain) / 60 < 110
for rate, whole in ((0.5, 200), (0.1, 1000)):
    rounds = counted(rate, True)
    print(f"with aggregation, rate {rate}: 0 {rounds.count(0)} times, {whole} {rounds.count(whole)} times")
    assert set(rounds) <= {0, whole} and rounds.count(0) > 5, rounds
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
