#!/usr/bin/env bash
# Packages: Debian 12 syslog-ng-core 3.38.1-5+deb12u1 with libivykis0, libnet1, libwrap0, libjson-c5 and libpcre3 (unpacked, not installed).
#
# One would guess: a receiver of syslog tells the two formats apart by the version behind the priority (<165>1 …), as rsyslog does, and says so if it
# cannot read one.
#
# Seen: the source network() of syslog-ng takes every line for the older format. Of a message of RFC 5424 the program is "1", the time is when it came
# in, the host is the address of the sender; time, host, program and structured data are text at the start of the message. Nothing is logged.
#   <165>1 2026-11-29T14:00:00.123456+02:00 web-1 shop 4242 ORDER47 [trace trace_id="0af7…"] placed
#   network(): host 127.0.0.1, program 1, message 2026-11-29T14:00:00.123456+02:00 web-1 shop 4242 ORDER47 [trace …] placed
#   network(flags(syslog-protocol)): host web-1, program shop, process 4242, id ORDER47, trace_id 0af7…, message placed
#
# Why it matters: logs of all services are those of one program "1", at the wrong time if they come late, and cannot be found by trace, while every
# sender sees its lines taken. Senders (SDKs, rsyslog's RSYSLOG_SyslogProtocol23Format) cannot notice. The script shows the flag that mends it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download syslog-ng-core=3.38.1-5+deb12u1 libivykis0 libnet1 libwrap0 libjson-c5 libpcre3)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/probe.py" <<'PYTHON'
import socket
import subprocess
import sys
import time

root, work = sys.argv[1:]
TRACE = "0af7651916cd43dd8448eb211c80319c"
MESSAGE = f'<165>1 2026-11-29T14:00:00.123456+02:00 web-1 shop 4242 ORDER47 [trace trace_id="{TRACE}"] placed'
sources = {"plain": "", "protocol": "flags(syslog-protocol)"}
ports = {}
with open(f"{work}/conf", "w") as file:
    file.write("@version: 3.38\noptions { stats-freq(0); keep-hostname(yes); use-dns(no); };\n")
    file.write('template t { template("$HOST|$PROGRAM|$PID|$MSGID|${.SDATA.trace.trace_id}|$MSG|$YEAR-$MONTH-${DAY}T$HOUR$TZOFFSET\\n"); };\n')
    for title, flags in sources.items():
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            ports[title] = free.getsockname()[1]
        file.write(
            f'log {{ source {{ network(ip("127.0.0.1") port({ports[title]}) transport("tcp") {flags}); }};'
            f' destination {{ file("{work}/{title}.out" template(t)); }}; }};\n'
        )
command = [f"{root}/usr/sbin/syslog-ng", "-F", "--no-caps", "-f", f"{work}/conf", "-p", f"{work}/pid", "-c", f"{work}/ctl", "-R", f"{work}/persist"]
with open(f"{work}/log", "w") as log:
    server = subprocess.Popen([*command, "--module-path", f"{root}/usr/lib/syslog-ng/3.38"], stdout=log, stderr=log)
deadline = time.monotonic() + 60
seen = {}
try:
    for title, port in ports.items():
        while True:
            try:
                sender = socket.create_connection(("127.0.0.1", port))
                break
            except OSError:
                assert time.monotonic() < deadline, open(f"{work}/log").read()
                time.sleep(0.1)
        sender.sendall(MESSAGE.encode() + b"\n")
        sender.close()
        while title not in seen:
            assert time.monotonic() < deadline
            time.sleep(0.1)
            try:
                with open(f"{work}/{title}.out") as file:
                    seen[title] = file.read().splitlines()[0].split("|")
            except (FileNotFoundError, IndexError):
                pass
        print(f"{title}: {seen[title]}")
finally:
    server.terminate()
    server.wait(20)
assert seen["plain"][:6] == ["127.0.0.1", "1", "", "", "", MESSAGE.split(" ", 1)[1]], seen
assert not seen["plain"][6].startswith("2026-11-29T14+02:00")
assert seen["protocol"] == ["web-1", "shop", "4242", "ORDER47", TRACE, "placed", "2026-11-29T14+02:00"], seen
with open(f"{work}/log") as log:
    assert "error" not in log.read().lower()
PYTHON
libraries="$work/root/usr/lib/x86_64-linux-gnu:$work/root/lib/x86_64-linux-gnu:$work/root/usr/lib/syslog-ng"
LD_LIBRARY_PATH="$libraries" timeout 110 python3 "$work/probe.py" "$work/root" "$work"
