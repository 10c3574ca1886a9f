#!/usr/bin/env bash
# Packages: Debian 12 rsyslog 8.2302.0-1+deb12u2 with libestr0 0.1.11-1 and libfastjson4 1.2304.0-1 (unpacked, not installed); logging.handlers of
# Python 3.11.
#
# One would guess: Python's SysLogHandler with socktype=SOCK_STREAM sends what a syslog receiver on TCP takes, a message each.
#
# Seen: it ends its messages with a zero byte, as for datagrams, and no line feed. rsyslog's imtcp waits for one, so messages grow together until one
# has a line feed in itself, as a traceback has, or the connection ends: three messages and the start of an error are one, with the priority and time
# of the first. Each line of the traceback is then a message of its own, some with a word of it as host or program.
#   sent: "order 0", "order 1", "order 2", "failed" with a traceback
#   written: shop order 0#000<12>shop: order 1#000<12>shop: order 2#000<11>shop: failed
#            then a message of the host "Traceback", and so on
#
# Why it matters: a quiet service's messages arrive when it ends, in one, so counts, levels and alerts are wrong, and errors lie in the text of
# another message. Give the handler a terminator in the text and append_nul = False, as the script shows, and write tracebacks on one line.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download rsyslog=8.2302.0-1+deb12u2 libestr0=0.1.11-1 libfastjson4=1.2304.0-1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/probe.py" <<'PYTHON'
import logging
import logging.handlers
import os
import socket
import subprocess
import sys
import time

root, work = sys.argv[1:]
modules = f"{root}/usr/lib/x86_64-linux-gnu/rsyslog"
logging.raiseExceptions = False


def written(title, terminator, count):
    """Logs through a SysLogHandler to a rsyslog, and returns the messages that it writes: severity, host, program, text."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"{work}/{title}"
    with open(f"{base}.conf", "w") as file:
        file.write(
            f'global(workDirectory="{work}")\nmodule(load="{modules}/imtcp.so")\ninput(type="imtcp" address="127.0.0.1" port="{port}")\n'
            'template(name="t" type="string" string="%syslogseverity%|%hostname%|%programname%|%msg%\\n")\n'
            f'action(type="omfile" file="{base}.out" template="t")\n'
        )
    server = subprocess.Popen([f"{root}/usr/sbin/rsyslogd", "-n", "-C", "-M", modules, "-f", f"{base}.conf", "-i", f"{base}.pid"])
    deadline = time.monotonic() + 40
    try:
        while True:
            try:
                handler = logging.handlers.SysLogHandler(("127.0.0.1", port), socktype=socket.SOCK_STREAM)
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        handler.setFormatter(logging.Formatter("shop: %(message)s" + terminator))
        if terminator:
            handler.append_nul = False
        logger = logging.getLogger(title)
        logger.propagate = False
        logger.addHandler(handler)
        for number in range(3):
            logger.warning("order %d", number)
        if not terminator:
            time.sleep(2)
            assert not os.path.exists(f"{base}.out"), "messages without a line feed are written before the connection ends"
            try:
                {}["key"]
            except KeyError:
                logger.exception("failed")
        handler.close()
        lines = []
        while len(lines) < count:
            assert time.monotonic() < deadline, lines
            time.sleep(0.1)
            if os.path.exists(f"{base}.out"):
                with open(f"{base}.out") as file:
                    lines = file.read().splitlines()
    finally:
        server.terminate()
        server.wait(20)
    print(title, *lines, sep="\n  ")
    return [line.split("|") for line in lines]


plain = written("plain", "", 4)
assert plain[0] == ["4", "localhost", "shop", " order 0#000<12>shop: order 1#000<12>shop: order 2#000<11>shop: failed"], plain[0]
assert plain[1][1] == "Traceback" and "KeyError" in "".join(plain[-1]), plain
ended = written("ended", "\n", 3)
assert ended == [["4", "localhost", "shop", f" order {number}"] for number in range(3)], ended
PYTHON
LD_LIBRARY_PATH="$work/root/usr/lib/x86_64-linux-gnu:$work/root/lib/x86_64-linux-gnu" \
    timeout 110 python3 "$work/probe.py" "$work/root" "$work"
