#!/usr/bin/env bash
# Packages: Debian 12 syslog-ng-core 3.38.1-5+deb12u1 with libivykis0, libnet1, libwrap0, libjson-c5 and libpcre3 (unpacked, not installed).
#
# One would guess: a line of JSON that syslog-ng reads with its json-parser and writes with format-json is the same JSON; at most the order of keys
# and the form of numbers change.
#
# Seen: with the configuration version of the package (3.38) all values become text, null an empty one; a list is joined with commas, a list of
# objects becomes text, an empty object goes away. With version 4.0, which the same program takes, types are kept, save that a list's numbers become
# text. In both, dots in keys become nesting, of two attributes that then are the same one is lost, and an unsigned 64-bit number becomes the largest
# signed one.
#   {"status":200,"ok":true,"none":null,"tags":["a",1],"links":[{"k":"v"}]}
#   3.38: {"status":"200","ok":"true","none":"","tags":"a,1","links":"[{\"k\":\"v\"}]"};  4.0: …"tags":["a","1"]…
#   {"http":{"route":"/x"},"http.route":"/y"} -> {"http":{"route":"/y"}};  {"id":18446744073709551615} -> {"id":9223372036854775807}
#
# Why it matters: logs change on the way, and nothing is said: thresholds on numbers no longer match, "a,1" cannot be taken apart again, the names of
# OpenTelemetry (http.route) are gone, and identifiers of 64 bits, as Datadog's of spans, all become one. Send the line as text.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download syslog-ng-core=3.38.1-5+deb12u1 libivykis0 libnet1 libwrap0 libjson-c5 libpcre3)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/probe.py" <<'PYTHON'
import json
import socket
import subprocess
import sys
import time

root, work = sys.argv[1:]
LINES = [
    {"status": 200, "ok": True, "none": None, "tags": ["a", 1], "links": [{"k": "v"}], "empty": {}, "http.route": "/a"},
    {"http": {"route": "/x"}, "http.route": "/y"},
    {"id": 18446744073709551615},
]


def through(version):
    """Sends the lines through a syslog-ng that parses and formats them, and returns what it writes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"{work}/{version}"
    with open(f"{base}.conf", "w") as file:
        file.write(
            f"@version: {version}\noptions {{ stats-freq(0); }};\n"
            f'source s {{ network(ip("127.0.0.1") port({port}) transport("tcp") flags(no-parse)); }};\n'
            f'parser p {{ json-parser(prefix(".j.")); }};\n'
            f'destination d {{ file("{base}.out" template("$(format-json .j.* --shift-levels 2)\\n")); }};\n'
            f"log {{ source(s); parser(p); destination(d); }};\n"
        )
    files = ["-f", f"{base}.conf", "-p", f"{base}.pid", "-c", f"{base}.ctl", "-R", f"{base}.persist"]
    command = [f"{root}/usr/sbin/syslog-ng", "-F", "--no-caps", *files]
    with open(f"{base}.log", "w") as log:
        server = subprocess.Popen([*command, "--module-path", f"{root}/usr/lib/syslog-ng/3.38"], stdout=log, stderr=log)
    deadline = time.monotonic() + 40
    try:
        while True:
            try:
                sender = socket.create_connection(("127.0.0.1", port))
                break
            except OSError:
                assert time.monotonic() < deadline, open(f"{base}.log").read()
                time.sleep(0.1)
        sender.sendall("".join(json.dumps(line) + "\n" for line in LINES).encode())
        sender.close()
        written = []
        while len(written) < len(LINES):
            assert time.monotonic() < deadline, written
            time.sleep(0.1)
            try:
                with open(f"{base}.out") as file:
                    written = file.read().splitlines()
            except FileNotFoundError:
                pass
    finally:
        server.terminate()
        server.wait(20)
    print(version, *written, sep="\n  ")
    return [json.loads(line) for line in written]


nested = {"http": {"route": "/y"}}
assert through("3.38") == [
    {"status": "200", "ok": "true", "none": "", "tags": "a,1", "links": '[{"k":"v"}]', "http": {"route": "/a"}},
    nested, {"id": "9223372036854775807"},
]
assert through("4.0") == [
    {"status": 200, "ok": True, "none": None, "tags": ["a", "1"], "links": [{"k": "v"}], "http": {"route": "/a"}},
    nested, {"id": 9223372036854775807},
]
PYTHON
libraries="$work/root/usr/lib/x86_64-linux-gnu:$work/root/lib/x86_64-linux-gnu:$work/root/usr/lib/syslog-ng"
LD_LIBRARY_PATH="$libraries" timeout 110 python3 "$work/probe.py" "$work/root" "$work"
