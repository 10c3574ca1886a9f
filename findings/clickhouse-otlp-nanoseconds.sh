#!/usr/bin/env bash
# Packages: PyPI chdb 4.4.0 with chdb-core 26.9.0 (ClickHouse in the process).
#
# One would guess: a column DateTime64(9) takes OTLP's times, or it does not. OTLP/JSON has nanoseconds since 1970 as text of digits, a reader has to
# take numbers as well, and "0" says that a time is not known.
#
# Seen: the unit of a text is chosen by its number of digits. 19 of them are nanoseconds, 10 are seconds, 18 (a nanosecond before September 2001) are
# refused, and so is "0": with it the whole file. A number is seconds, always. The conversion in SQL cuts it off in silence.
#   "1544712660000000123" in a file -> 2018-12-13 14:51:00.000000123
#   "1544712660" in a file -> 2018-12-13 14:51:00.000000000
#   "999999999999999999" in a file -> error 41
#   "0" in a file -> error 41
#   1544712660000000123 in a file -> error 407
#   toDateTime64(1544712660000000123, 9) -> 2262-04-11 23:47:16.854775807
#   fromUnixTimestamp64Nano(1544712660000000123) -> 2018-12-13 14:51:00.000000123
#
# Why it matters: reading spans works in every trial, until a log record without timeUnixNano, or a sender that writes numbers, makes the file
# unreadable; and the mistake in SQL puts all rows into the year 2262. Read the times as Int64, and convert with fromUnixTimestamp64Nano.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check chdb==4.4.0 chdb-core==26.9.0
cat > "$work/probe.py" <<'PYTHON'
import re
import sys

import chdb


def select(what):
    try:
        return chdb.query(f"SELECT {what} SETTINGS session_timezone = 'UTC'", "TSV").data().strip()
    except Exception as error:
        return "error " + re.search(r"Code: (\d+)", str(error)).group(1)


def read(text, kind):
    path = f"{sys.argv[1]}/line.jsonl"
    with open(path, "w") as file:
        file.write('{"timeUnixNano":' + text + "}\n")
    return f"timeUnixNano FROM file('{path}', 'JSONEachRow', 'timeUnixNano {kind}')"


texts = ['"1544712660000000123"', '"1544712660"', '"999999999999999999"', '"0"', "1544712660000000123"]
seen = {f"{text} in a file": select(read(text, "DateTime64(9)")) for text in texts}
for call in ("toDateTime64(1544712660000000123, 9)", "fromUnixTimestamp64Nano(1544712660000000123)"):
    seen[call] = select(call)
for name, result in seen.items():
    print(f"{name} -> {result}")
exact = "2018-12-13 14:51:00.000000123"
assert list(seen.values()) == [
    exact,
    "2018-12-13 14:51:00.000000000",
    "error 41",
    "error 41",
    "error 407",
    "2262-04-11 23:47:16.854775807",
    exact,
]
# As integers all of them can be read.
for text in texts:
    assert select(read(text, "Int64")) == text.strip('"')
PYTHON
timeout 120 "$work/venv/bin/python" "$work/probe.py" "$work"
