#!/usr/bin/env bash
# Packages: Debian 12 collectd-core 5.12.0-14 with libmicrohttpd12 0.9.75-6 and libprotobuf-c1 1.4.1-1+b1 (unpacked, not installed).
#
# One would guess: timers that collectd takes over StatsD and serves to Prometheus (write_prometheus) have a count and a sum that go up, as its
# counters do, or at least the values of the last interval in which there were any.
#
# Seen: count, sum, average and percentiles are those of collectd's last interval alone (10 s by default), whether it was scraped or not: one later
# the count is 0 and all else NaN. Only counters go up.
#   100 timers: next interval t-count 100, t-sum 5.05, t-percentile-90 0.09; the one after: t-count 0, t-sum nan
#   a counter: 10, and 10
#
# Why it matters: with a scrape each minute five of six intervals are seen by nobody; a rate over t-count is nothing, an average over the time of a
# request that comes now and then is NaN, and who keeps the last value that is there reads a latency of long ago. Scrape more often than collectd's
# interval, and send a counter beside the timer.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download collectd-core=5.12.0-14 libmicrohttpd12=0.9.75-6 libprotobuf-c1=1.4.1-1+b1 libltdl7=2.4.7-7~deb12u1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/probe.py" <<'PYTHON'
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

root, work = sys.argv[1:]


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


page_port, statsd_port = free_port(), free_port()
with open(f"{work}/conf", "w") as file:
    file.write(f"""Hostname "probe"
FQDNLookup false
Interval 2
BaseDir "{work}"
PIDFile "{work}/pid"
PluginDir "{root}/usr/lib/collectd"
TypesDB "{root}/usr/share/collectd/types.db"
LoadPlugin statsd
<Plugin statsd>
  Host "127.0.0.1"
  Port "{statsd_port}"
  TimerPercentile 90
  TimerCount true
  TimerSum true
</Plugin>
LoadPlugin write_prometheus
<Plugin write_prometheus>
  Host "127.0.0.1"
  Port "{page_port}"
</Plugin>
""")


def scraped():
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{page_port}/metrics", timeout=20) as answer:
            page = answer.read().decode()
    except OSError:
        return {}
    return {name: float(value) for name, value in re.findall(r'^collectd_statsd_\w+{statsd="([^"]+)",instance="probe"} (\S+)', page, re.M)}


def wait(condition):
    while not condition(seen := scraped()):
        assert time.monotonic() < deadline and server.poll() is None, (seen, open(f"{work}/log").read())
        time.sleep(0.1)
    return seen


environment = {**os.environ, "LD_LIBRARY_PATH": f"{root}/usr/lib/x86_64-linux-gnu"}
with open(f"{work}/log", "w") as log:
    server = subprocess.Popen([f"{root}/usr/sbin/collectd", "-f", "-C", f"{work}/conf"], env=environment, stdout=log, stderr=log)
deadline = time.monotonic() + 60
try:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.1", statsd_port))

        def sent(seen):
            """Says whether collectd has heard of the probe, and tells it once more if not."""
            if "ready" not in seen:
                try:
                    client.send(b"ready:1|c")
                except ConnectionRefusedError:
                    pass
            return "ready" in seen

        wait(sent)
        lines = [f"t:{value}|ms" for value in range(1, 101)] + ["c:1|c"] * 10
        client.send("\n".join(lines).encode() + b"\n")
    first = wait(lambda seen: seen.get("t-count", 0) > 0)
    later = wait(lambda seen: seen["t-count"] == 0)
finally:
    server.terminate()
    server.wait(20)
for title, seen in (("first", first), ("later", later)):
    print(title, {name: seen[name] for name in ("t-count", "t-sum", "t-percentile-90", "c")})
assert first["t-count"] == 100 and abs(first["t-sum"] - 5.05) < 1e-6 and 0.08 < first["t-percentile-90"] < 0.1
assert later["t-count"] == 0 and later["t-sum"] != later["t-sum"] and later["t-percentile-90"] != later["t-percentile-90"]
assert first["c"] == later["c"] == 10
PYTHON
timeout 100 python3 "$work/probe.py" "$work/root" "$work"
