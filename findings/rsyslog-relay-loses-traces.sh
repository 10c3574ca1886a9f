#!/usr/bin/env bash
# Packages: Debian 12 rsyslog 8.2302.0-1+deb12u2 with libestr0 0.1.11-1 and libfastjson4 1.2304.0-1 (unpacked, not installed).
#
# One would guess: a relay, a rsyslog that takes messages of RFC 5424 over TCP and forwards them with omfwd and nothing else, sends on what it got; at
# most the form of the time changes.
#
# Seen: it sends the older form. The structured data (with trace_id and span_id), the message id and fractions of a second are gone; the name of the
# program is cut to 32 characters, and the process id with it if it was longer. The offset of the time is dropped and the time not converted: two
# messages of the same moment, from +02:00 and from Z, are two hours apart for the next reader. In a file the same relay writes both with their
# offsets.
#   <165>1 2026-11-29T14:00:00.123456+02:00 web-1 checkout-service-with-a-very-long-name 4242 ORDER47 [trace trace_id="0af7…" …] placed
#   -> <165>Nov 29 14:00:00 web-1 checkout-service-with-a-very-lon placed
#   <165>1 2026-11-29T12:00:00.123456Z web-1 shop 4242 - [trace …] placed
#   -> <165>Nov 29 12:00:00 web-1 shop[4242] placed
#
# Why it matters: logs lose their traces at the first relay, and those of hosts in another zone lie in the wrong hour, also around the change to
# summer time. Give the action template="RSYSLOG_SyslogProtocol23Format", which the script shows to keep all.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download rsyslog=8.2302.0-1+deb12u2 libestr0=0.1.11-1 libfastjson4=1.2304.0-1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/probe.py" <<'PYTHON'
import socket
import subprocess
import sys
import time

root, work = sys.argv[1:]
modules = f"{root}/usr/lib/x86_64-linux-gnu/rsyslog"
TRACE = '[trace trace_id="0af7651916cd43dd8448eb211c80319c" span_id="b7ad6b7169203331"]'
MESSAGES = [
    f"<165>1 2026-11-29T14:00:00.123456+02:00 web-1 checkout-service-with-a-very-long-name 4242 ORDER47 {TRACE} placed",
    f"<165>1 2026-11-29T12:00:00.123456Z web-1 shop 4242 - {TRACE} placed",
]


def relay(title, options):
    """Sends the messages through a relay, and returns what it forwards and what it writes into a file."""
    target = socket.socket()
    target.bind(("127.0.0.1", 0))
    target.listen()
    target.settimeout(40)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with open(f"{work}/{title}.conf", "w") as file:
        file.write(
            f'global(workDirectory="{work}")\nmodule(load="{modules}/imtcp.so")\ninput(type="imtcp" address="127.0.0.1" port="{port}")\n'
            f'action(type="omfwd" target="127.0.0.1" port="{target.getsockname()[1]}" protocol="tcp" {options})\n'
            f'action(type="omfile" file="{work}/{title}.out")\n'
        )
    server = subprocess.Popen([f"{root}/usr/sbin/rsyslogd", "-n", "-C", "-M", modules, "-f", f"{work}/{title}.conf", "-i", f"{work}/{title}.pid"])
    try:
        deadline = time.monotonic() + 40
        while True:
            try:
                sender = socket.create_connection(("127.0.0.1", port))
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        sender.sendall("".join(message + "\n" for message in MESSAGES).encode())
        connection, _ = target.accept()
        connection.settimeout(40)
        received = b""
        while received.count(b"\n") < len(MESSAGES):
            received += connection.recv(65536)
    finally:
        server.terminate()
        server.wait(20)
    with open(f"{work}/{title}.out") as file:
        return received.decode().splitlines(), file.read().splitlines()


forwarded, written = relay("default", "")
kept, _ = relay("protocol23", 'template="RSYSLOG_SyslogProtocol23Format"')
for line in forwarded + written + kept:
    print(line)
assert forwarded == ["<165>Nov 29 14:00:00 web-1 checkout-service-with-a-very-lon placed", "<165>Nov 29 12:00:00 web-1 shop[4242] placed"]
assert [line.split()[0] for line in written] == ["2026-11-29T14:00:00.123456+02:00", "2026-11-29T12:00:00.123456Z"]
assert [line.replace("  ", " ") for line in kept] == MESSAGES, kept
PYTHON
LD_LIBRARY_PATH="$work/root/usr/lib/x86_64-linux-gnu:$work/root/lib/x86_64-linux-gnu" \
    timeout 110 python3 "$work/probe.py" "$work/root" "$work"
