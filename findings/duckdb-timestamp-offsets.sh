#!/usr/bin/env bash
# Package: PyPI duckdb 2.0.1.
#
# One would guess: a time with an offset (2026-11-29T10:00:00+02:00) that is read into a TIMESTAMP is converted to UTC, or refused, and a query gives
# the same text for a value, whatever else it selects.
#
# Seen: the offset is dropped and the time not converted, for TIMESTAMP and TIMESTAMP_NS, in casts and in columns of read_csv and read_json alike;
# only TIMESTAMPTZ converts. That is the type that DuckDB finds by itself, which has microseconds. And a column that read_csv was told to be a
# TIMESTAMP gives, cast to text, the text of the file, if the query asks for nothing else of it.
#   two lines of the same moment, 10:00:00+02:00 and 08:00:00Z: as TIMESTAMP 10:00 and 08:00, as TIMESTAMPTZ both 08:00
#   SELECT t::VARCHAR: 2026-11-29T10:00:00+02:00;  SELECT t, t::VARCHAR: 2026-11-29 10:00:00
#
# Why it matters: whoever asks for TIMESTAMP_NS to keep the nanoseconds of logs puts hosts of another zone hours away, and around the change to
# summer time one host. Nothing fails. Read such columns as TIMESTAMPTZ, or as text and cast once.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1
cat > "$work/probe.py" <<'PYTHON'
import json
import os
import sys

import duckdb

os.chdir(sys.argv[1])
TIMES = ["2026-11-29T10:00:00.123456789+02:00", "2026-11-29T08:00:00.123456789Z"]
with open("logs.csv", "w") as file:
    file.write("t,line\n" + "".join(f"{time},{number}\n" for number, time in enumerate(TIMES)))
with open("logs.json", "w") as file:
    file.writelines(json.dumps({"t": time}) + "\n" for time in TIMES)
duckdb.sql("SET TimeZone = 'UTC'")


def texts(query):
    return [row[-1] for row in duckdb.sql(query).fetchall()]


seen = {}
for kind in ("TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMPTZ"):
    seen[kind] = texts(f"SELECT t::{kind}::VARCHAR FROM (VALUES ('{TIMES[0]}'), ('{TIMES[1]}')) v(t)")
    print(f"cast to {kind}: {seen[kind]}")
    for source in (f"read_csv('logs.csv', columns = {{t: '{kind}', line: 'INTEGER'}})", f"read_json('logs.json', columns = {{t: '{kind}'}})"):
        assert texts(f"SELECT t, t::VARCHAR FROM {source}") == seen[kind], source
assert seen == {
    "TIMESTAMP": ["2026-11-29 10:00:00.123456", "2026-11-29 08:00:00.123456"],
    "TIMESTAMP_NS": ["2026-11-29 10:00:00.123456789", "2026-11-29 08:00:00.123456789"],
    "TIMESTAMPTZ": ["2026-11-29 08:00:00.123456+00", "2026-11-29 08:00:00.123456+00"],
}, seen
for name in ("logs.csv", "logs.json"):
    kind = texts(f"SELECT typeof(t) FROM '{name}'")
    print(f"{name} by itself: {kind[0]}")
    assert kind == ["TIMESTAMP WITH TIME ZONE"] * 2
alone = texts("SELECT t::VARCHAR FROM read_csv('logs.csv', columns = {t: 'TIMESTAMP', line: 'INTEGER'})")
print("alone:", alone)
assert alone == TIMES
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "$work"
