#!/usr/bin/env bash
# Package: PyPI graypy 2.1.0 (GELF over UDP).
#
# One would guess: a level of one's own gets the syslog severity of the standard level at or below it, since GELF has 0 to 7 only: TRACE (5) becomes
# debug (7), NOTICE (25) becomes info (6) or notice (5).
#
# Seen: the numbers of the five standard levels are translated, all others are sent as Python has them. There 5 means notice, which is more severe
# than info, and 25 means nothing.
#   DEBUG 7, INFO 6, WARNING 4, ERROR 3, CRITICAL 2
#   TRACE (5) 5, which is notice;  1 1, which is alert;  NOTICE (25) 25
#
# Why it matters: the most talkative lines arrive as notices and pass each filter for "info and worse"; a level 1 or 2 of a library's own wakes the
# people on call. What has level 25 is in no class of the usual searches and dashboards.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check graypy==2.1.0
cat > "$work/probe.py" <<'PYTHON'
import json
import logging
import socket
import zlib

import graypy

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
server.settimeout(20)
logger = logging.Logger("shop", level=1)
logger.addHandler(graypy.GELFUDPHandler("127.0.0.1", server.getsockname()[1]))
seen = {}
for level in (1, 5, 10, 20, 25, 30, 40, 50):
    logger.log(level, "probe")
    seen[level] = json.loads(zlib.decompress(server.recv(65536)))["level"]
print(seen)
assert seen == {1: 1, 5: 5, 10: 7, 20: 6, 25: 25, 30: 4, 40: 3, 50: 2}
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
