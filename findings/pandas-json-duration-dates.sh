#!/usr/bin/env bash
# Packages: PyPI pandas 2.3.3.
#
# One would guess: a JSON field with a number is a column of numbers; only what looks like a date by its text becomes a date.
#
# Seen: read_json goes by the name of the column. Numbers under names that end in "_time" or "_at", or begin with "timestamp" or "modified", or are
# "date", become dates, counted from 1970 in a unit that is guessed from their size. So durations in nanoseconds or microseconds become days of the
# years 1971 to 2068, as soon as all of the column are larger than a year in seconds; below that they stay numbers.
#   cpu_time: 2000000000, 3100000000 -> 2033-05-18 03:33:20, 2068-03-26 15:06:40
#   wait_time: 40000000 -> 1971-04-08
#   cpu_time: 2000000000, 300 -> numbers
#   duration: 2000000000 -> a number
#
# Of what is a date now, sums are refused; means and quantiles are dates.
#   cpu_time: 2000000000, 3100000000 -> mean 2050-10-21 21:20:00, quantile(0.95) 2066-06-29 01:20:00, sum a TypeError
#
# Why it matters: the same query over a file of spans or log lines works for one hour, and fails or answers with a date in the next, when the last
# short value is missing. convert_dates=False switches it off.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pandas==2.3.3
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import io
import json
import warnings

import pandas

warnings.simplefilter("ignore")


def column(name, values, **options):
    """Returns the column that a file of JSON lines has whose field of this name has these values."""
    lines = "\n".join(json.dumps({"name": "GET /", name: value}) for value in values)
    return pandas.read_json(io.StringIO(lines), lines=True, **options)[name]


large = column("cpu_time", [2_000_000_000, 3_100_000_000])
print([str(value) for value in large])
assert [str(value) for value in large] == ["2033-05-18 03:33:20", "2068-03-26 15:06:40"]
assert str(column("wait_time", [40_000_000])[0])[:10] == "1971-04-08"
for name, values in (("cpu_time", [2_000_000_000, 300]), ("duration", [2_000_000_000, 3_100_000_000])):
    print(name, column(name, values).dtype)
    assert list(column(name, values)) == values
assert list(column("cpu_time", [2_000_000_000], convert_dates=False)) == [2_000_000_000]
print("mean:", large.mean(), "quantile:", large.quantile(0.95))
assert (str(large.mean()), str(large.quantile(0.95))) == ("2050-10-21 21:20:00", "2066-06-29 01:20:00")
try:
    print(large.sum())
    raise SystemExit("added")
except TypeError as error:
    print(error)
PYTHON
