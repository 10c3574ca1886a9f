#!/usr/bin/env bash
# Package: PyPI pandas 3.1.1.
#
# One would guess: read_json keeps what is text in JSON, in quotation marks, as text. That is why OTLP/JSON and Datadog quote their 64-bit numbers: no
# reader can take them for a double.
#
# Seen: a column whose texts all look like numbers becomes one of numbers, and with a single null in it one of doubles, which rounds them. A
# hexadecimal identifier of digits and one "e" is a number, too.
#   "1795993047514526763", "1795993047514526764": 1795993047514526763, 1795993047514526764
#   "1795993047514526763", null: 1.7959930475145267e+18, 43 ns less
#   "9532127138774266268", "16678687477581929561", null: both rounded
#   "1234567890123e45", "0234567890123456": 1.234567890123e+57, 234567890123456.0
#   the first with dtype=False: text
#
# Why it matters: a parent identifier is null in each root span, and a time is missing where something did not end, so joining spans to their parents
# finds none, or a wrong one, and durations of microseconds become multiples of 256 ns. Read such files with dtype=False.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pandas==3.1.1
cat > "$work/probe.py" <<'PYTHON'
import io
import json
import math

import pandas


def read(*values, **options):
    lines = "\n".join(json.dumps({"id": value}) for value in values)
    return pandas.read_json(io.StringIO(lines), lines=True, **options)["id"].tolist()


times = ("1795993047514526763", "1795993047514526764")
identifiers = ("9532127138774266268", "16678687477581929561")
whole, partly = read(*times), read(times[0], None)
parents, hexadecimal = read(*identifiers, None), read("1234567890123e45", "0234567890123456")
kept = read(times[0], None, dtype=False)
for title, seen in (("times", whole), ("with a null", partly), ("parents", parents), ("hexadecimal", hexadecimal), ("dtype=False", kept)):
    print(f"{title}: {seen}")
assert whole == [int(time) for time in times]
assert isinstance(partly[0], float) and math.isnan(partly[1])
print(f"rounded by {int(partly[0]) - int(times[0])} ns")
assert int(partly[0]) != int(times[0])
assert all(isinstance(seen, float) and int(seen) != int(sent) for seen, sent in zip(parents, identifiers))
assert hexadecimal == [1234567890123e45, 234567890123456.0]
assert kept[0] == times[0]
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
