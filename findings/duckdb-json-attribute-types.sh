#!/usr/bin/env bash
# Package: PyPI duckdb 2.0.1.
#
# One would guess: DuckDB, which reads files of OTLP/JSON or of JSON lines in place, keeps text as text: what is in quotation marks is a string.
#
# Seen: the type of a field comes from what all of its values in this file look like. If all text attributes are dates, times or UUIDs, stringValue is
# DATE, TIME or UUID, and one other value makes it VARCHAR: the same query has other results, or an error, from one file to the next. A UUID in
# capitals comes out in small letters, and is not found as it was sent. Names that differ in case alone become one column and another one with a
# number, and in nested objects an error for the whole file.
#   stringValue "0AF76519-16CD-43DD-8448-EB211C80319C": UUID 0af76519-16cd-…; WHERE … = '0AF76519-…' as text: 0 rows
#   {"userId":"1"}, {"userid":"2"}: columns userId, userid_1; SELECT userid: 1, NULL
#   {"attributes":{"userId":"1"}}, {"attributes":{"userid":"2"}}: error: Duplicate name "userid"
#
# Why it matters: queries over files of a collector work until one file has other values, and a search for an identifier finds nothing. Give the types
# by read_json(…, columns = {…}), with MAP or JSON for attributes, which the script shows to keep both.
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
IDENTIFIER = "0AF76519-16CD-43DD-8448-EB211C80319C"


def write(name, *lines):
    with open(name, "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def rows(query):
    return duckdb.sql(query).fetchall()


def log(*values):
    attributes = [{"key": f"k{number}", "value": {"stringValue": value}} for number, value in enumerate(values)]
    return {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": "1794000000000000000", "attributes": attributes}]}]}]}


TEXT = "resourceLogs[1].scopeLogs[1].logRecords[1].attributes[1].value.stringValue"
types = {}
for title, values in {
    "uuid": [IDENTIFIER], "date": ["2026-11-29"], "time": ["10:00:00"], "mixed": [IDENTIFIER, "shop"], "digits": ["0042"],
    "trace": ["0af7651916cd43dd8448eb211c80319c"],
}.items():
    write(f"{title}.json", log(*values))
    types[title] = rows(f"SELECT typeof({TEXT}), {TEXT}::VARCHAR FROM '{title}.json'")[0]
    print(title, types[title])
assert types == {
    "uuid": ("UUID", IDENTIFIER.lower()), "date": ("DATE", "2026-11-29"), "time": ("TIME", "10:00:00"), "mixed": ("VARCHAR", IDENTIFIER),
    "digits": ("VARCHAR", "0042"), "trace": ("VARCHAR", "0af7651916cd43dd8448eb211c80319c"),
}
found = [rows(f"SELECT count(*) FROM '{title}.json' WHERE {TEXT}::VARCHAR = '{IDENTIFIER}'")[0][0] for title in ("uuid", "mixed")]
print("found as sent:", found)
assert found == [0, 1]

write("flat.json", {"userId": "1"}, {"userid": "2"})
columns = [row[0] for row in rows("DESCRIBE FROM 'flat.json'")]
print(columns, rows("SELECT userid FROM 'flat.json'"))
assert columns == ["userId", "userid_1"] and rows("SELECT userid FROM 'flat.json'") == [("1",), (None,)]
write("nested.json", {"attributes": {"userId": "1"}}, {"attributes": {"userid": "2"}})
try:
    rows("FROM 'nested.json'")
    raise SystemExit("no error")
except duckdb.Error as error:
    print(error)
    assert 'Duplicate name "userid"' in str(error)
kept = rows("FROM read_json('nested.json', columns = {attributes: 'MAP(VARCHAR, VARCHAR)'})")
typed = rows("SELECT value->>'stringValue' FROM (SELECT unnest(r) AS value FROM (SELECT json_extract(json(resourceLogs), "
             "'$[*].scopeLogs[*].logRecords[*].attributes[*].value') AS r FROM read_json('uuid.json', columns = {resourceLogs: 'JSON'})))")
print(kept, typed)
assert kept == [({"userId": "1"},), ({"userid": "2"},)] and typed == [(IDENTIFIER,)]
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "$work"
