#!/usr/bin/env bash
# Package: Debian 12 prometheus-node-exporter 1.5.0-1+b6 (unpacked, not installed).
#
# One would guess: files of the textfile collector that hold the same metric with other labels (a job writes one for each of its runs or hosts) are
# put together, whatever their HELP says, since it is a comment for people; or the collector says that it failed.
#
# Seen: one HELP is the metric's, and all series of a file with another HELP are dropped. The page is answered with 200, the collector's success is 1,
# and node_textfile_scrape_error, which is there for this, is 0. Only the exporter's log has it. Files without HELP are put together.
#   a.prom "Job", b.prom "Job is done": served job_ok{job="a"}; success 1, scrape_error 0
#   a.prom "Job", b.prom without HELP: served job_ok{job="a"}; success 1, scrape_error 0
#   both "Job", or both without HELP: served both
#   b.prom with a timestamp: served job_ok{job="a"}; success 1, scrape_error 1
#
# Why it matters: a new version of a script that words its HELP anew, on some of its files, takes away the series of the rest, and the alert on
# scrape_error is silent. An alert on the job itself needs absent() for each label, since the metric is there.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download prometheus-node-exporter=1.5.0-1+b6)
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
folder = f"{work}/text"
os.mkdir(folder)
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]


def scraped(*helps, timestamp=""):
    """Writes a file for each HELP text, and returns which jobs are served, and what the collector says of itself."""
    for name, text in zip("ab", helps):
        with open(f"{folder}/{name}.prom", "w") as file:
            file.write(f"# HELP job_ok {text}\n" if text else "")
            file.write(f'# TYPE job_ok gauge\njob_ok{{job="{name}"}} 1{timestamp if name == "b" else ""}\n')
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        page = answer.read().decode()
    success = re.search(r'^node_scrape_collector_success{collector="textfile"} (\d)', page, re.M)[1]
    error = re.search(r"^node_textfile_scrape_error (\d)", page, re.M)[1]
    return "".join(re.findall(r'^job_ok{job="(\w)"} 1', page, re.M)), int(success), int(error)


command = [f"{root}/usr/bin/prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile",
           f"--collector.textfile.directory={folder}", f"--web.listen-address=127.0.0.1:{port}"]
with open(f"{work}/log", "w") as log:
    server = subprocess.Popen(command, stdout=log, stderr=log)
deadline = time.monotonic() + 40
try:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            assert time.monotonic() < deadline and server.poll() is None
            time.sleep(0.1)
    seen = {
        "another HELP": scraped("Job", "Job is done"),
        "one without HELP": scraped("Job", ""),
        "the same HELP": scraped("Job", "Job"),
        "both without HELP": scraped("", ""),
        "timestamp": scraped("Job", "Job", timestamp=" 1795990000000"),
    }
finally:
    server.terminate()
    server.wait(20)
for title, (jobs, success, error) in seen.items():
    print(f"{title}: jobs {jobs}, success {success}, scrape_error {error}")
assert seen == {
    "another HELP": ("a", 1, 0), "one without HELP": ("a", 1, 0), "the same HELP": ("ab", 1, 0), "both without HELP": ("ab", 1, 0),
    "timestamp": ("a", 1, 1),
}
PYTHON
timeout 60 python3 "$work/probe.py" "$work/root" "$work"
