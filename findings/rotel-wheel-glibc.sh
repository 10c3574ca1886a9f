#!/usr/bin/env bash
# Package: PyPI rotel 0.0.1a10, the wheel for x86-64 (downloaded, not installed).
#
# One would guess: pip chose the wheel for manylinux_2_34, so its program runs where glibc is 2.34 or newer, as on Debian 12 with 2.36.
# That is what the tag promises, and auditwheel checks it for extension modules.
#
# Seen: the program of the wheel needs symbols of glibc 2.38.
#   tag py3-none-manylinux_2_34_x86_64, the program needs GLIBC_2.38
#
# Why it matters: the collector installs without a complaint, and fails when it is started: "version `GLIBC_2.38' not found". A program
# inside a wheel is checked by nobody; try it on the oldest system that is to run it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
timeout 180 python3 -m pip download -q --no-deps --only-binary :all: --platform manylinux_2_34_x86_64 -d "$work" rotel==0.0.1a10
timeout 60 python3 - "$work"/rotel-0.0.1a10-*.whl <<'PYTHON'
import re
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as wheel:
    names = wheel.namelist()
    tag = re.search(r"^Tag: (.*)$", wheel.read(next(n for n in names if n.endswith(".dist-info/WHEEL"))).decode(), re.MULTILINE)[1]
    program = wheel.read(next(n for n in names if n.endswith("rotel-agent")))
needed = sorted((tuple(map(int, v.split(b"."))) for v in set(re.findall(rb"GLIBC_(\d+\.\d+)\0", program))))[-1]
print(f"tag {tag.strip()}, the program needs GLIBC_{needed[0]}.{needed[1]}")
assert tag.strip() == "py3-none-manylinux_2_34_x86_64" and needed == (2, 38)
PYTHON
