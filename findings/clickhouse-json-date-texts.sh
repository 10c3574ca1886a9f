#!/usr/bin/env bash
# Packages: PyPI chdb 4.4.0 with chdb-core 26.9.0 (ClickHouse in the process).
#
# One would guess: a column of ClickHouse's type JSON, which is made for attributes, gives a text attribute back as it was sent, and its subcolumn of
# type String has all texts.
#
# Seen: a text that looks like a date or time is stored as one. The offset is converted and gone, zeros come and digits beyond nanoseconds go, so what
# was sent cannot be had any more: not from the column, nor by toString(). The subcolumn .:String is NULL for these rows. And the rows of an insert
# decide about each other: behind a time, "1.10" is the first of October; in front of it, the time stays a text. Nulls and empty objects are not
# stored, and a row with "a.b" and {"a": {"b"}}, which are different attributes, fails the whole insert.
#   "2024-01-01T12:00:00+02:00" -> DateTime, "2024-01-01 10:00:00"
#   "2024-1-1" -> Date, "2024-01-01"
#   "2024-01-01T10:00:00.1Z" -> DateTime64(9), "2024-01-01 10:00:00.100000000"
#   "1.10" -> String, "1.10"; in an insert behind "2024-01-01T10:00:00Z" -> DateTime, October 1st, 00:00:00 of this year
#   "1.10", "2024-01-01T10:00:00Z" -> both String
#   {"a.b": 1, "a": {"b": 2}} -> error 117; {"n": null, "e": {}} -> {}
#
# Why it matters: a version of one service is another text because of what a service before it in the batch has sent, and a filter on
# attributes.version.:String loses rows without an error. input_format_try_infer_dates=0 and input_format_try_infer_datetimes=0 keep texts.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check chdb==4.4.0 chdb-core==26.9.0
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import json

import chdb

KEEP = "input_format_try_infer_dates = 0, input_format_try_infer_datetimes = 0"


def query(text, settings="session_timezone = 'UTC'"):
    return chdb.query(f"{text} SETTINGS {settings}", "TSV").data().strip().split("\t")


def stored(value, settings="session_timezone = 'UTC'"):
    """Returns type, text and string subcolumn of an attribute that was sent with this text."""
    row = json.dumps({"value": value})
    return query(f"SELECT dynamicType(a.value), toString(a.value), a.value.:String FROM (SELECT '{row}'::JSON AS a)", settings)


seen = {text: stored(text) for text in ("2024-01-01T12:00:00+02:00", "2024-1-1", "2024-01-01T10:00:00.1Z", "1.10", "20240101")}
for text, row in seen.items():
    print(text, "->", row)
assert seen == {
    "2024-01-01T12:00:00+02:00": ["DateTime", "2024-01-01 10:00:00", "\\N"],
    "2024-1-1": ["Date", "2024-01-01", "\\N"],
    "2024-01-01T10:00:00.1Z": ["DateTime64(9)", "2024-01-01 10:00:00.100000000", "\\N"],
    "1.10": ["String", "1.10", "1.10"],
    "20240101": ["String", "20240101", "20240101"],
}


def inserted(*values):
    """Returns type and text of attributes that are read together."""
    rows = ", ".join("'" + json.dumps({"value": value}) + "'" for value in values)
    text = chdb.query(f"SELECT dynamicType(a.value), toString(a.value) FROM (SELECT arrayJoin([{rows}])::JSON AS a)", "TSV").data()
    return [line.split("\t") for line in text.splitlines()]


behind, before = inserted("2024-01-01T10:00:00Z", "1.10"), inserted("1.10", "2024-01-01T10:00:00Z")
print(behind, before)
assert behind[1][0] == "DateTime" and behind[1][1].endswith("-10-01 00:00:00"), behind
assert before == [["String", "1.10"], ["String", "2024-01-01T10:00:00Z"]], before
(empty,) = query("SELECT '{\"n\": null, \"e\": {}, \"v\": 1}'::JSON")
assert json.loads(empty) == {"v": 1}, empty
try:
    query("SELECT '{\"a.b\": 1, \"a\": {\"b\": 2}}'::JSON")
    raise SystemExit("inserted")
except Exception as error:
    print(str(error)[:120])
    assert "Duplicate path" in str(error)
assert stored("2024-1-1", KEEP) == ["String", "2024-1-1", "2024-1-1"]
PYTHON
