#!/usr/bin/env bash
# Packages: PyPI polars 2.1.0, pyarrow 26.0.1, duckdb 2.0.1.
#
# One would guess: a field that only some lines of a file of JSON lines have is a column with nulls, wherever it first appears; or, as for a value
# that does not fit the type of its column, there is an error.
#
# Seen: polars looks at the first 100 lines. A field that appears later is dropped without a word, in read_ndjson and scan_ndjson alike, also one
# inside of a nested object. A type that changes later is an error. pyarrow and DuckDB have the column.
#   line 1 to 200 {"n": 1}, line 201 {"n": 1, "error": "timeout"}: polars columns ['n'], 201 rows
#   with infer_schema_length=None: ['n', 'error'];  pyarrow, DuckDB: ['n', 'error']
#   line 201 {"n": 1.5}: polars ComputeError
#
# Why it matters: fields that only failures have are the ones that are not at the start of a log. A filter on them fails with "column not found" in
# one file and works in the next, and a report that takes what columns there are counts no errors. Give a schema, or infer_schema_length=None.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check polars==2.1.0 pyarrow==26.0.1 duckdb==2.0.1
cat > "$work/probe.py" <<'PYTHON'
import json
import sys

import duckdb
import polars
from pyarrow import json as arrow

path = f"{sys.argv[1]}/log.json"


def write(last, usual=None):
    with open(path, "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in [usual or {"n": 1}] * 200 + [last])


write({"n": 1, "error": "timeout"})
frame = polars.read_ndjson(path)
seen = {
    "read_ndjson": frame.columns,
    "scan_ndjson": polars.scan_ndjson(path).collect().columns,
    "infer_schema_length=None": polars.read_ndjson(path, infer_schema_length=None).columns,
    "pyarrow": arrow.read_json(path).schema.names,
    "DuckDB": duckdb.sql(f"FROM read_json('{path}')").columns,
}
print(seen, f"{frame.height} rows")
assert seen == {"read_ndjson": ["n"], "scan_ndjson": ["n"], **{name: ["n", "error"] for name in ("infer_schema_length=None", "pyarrow", "DuckDB")}}
assert frame.height == 201
write({"a": {"n": 1, "error": "timeout"}}, {"a": {"n": 1}})
nested = polars.read_ndjson(path)["a"].to_list()[-1]
print("nested:", nested)
assert nested in ({"n": 1}, 1)
write({"n": 1.5})
try:
    polars.read_ndjson(path)
    raise SystemExit("no error for a type that changes")
except polars.exceptions.ComputeError as error:
    print("another type:", str(error).splitlines()[0])
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "$work"
