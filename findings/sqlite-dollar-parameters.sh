#!/usr/bin/env bash
# Package: PyPI apsw 3.54.1.0 (which holds SQLite 3.54.1).
#
# One would guess: SQLite takes PostgreSQL's $1 and $2, so a statement written for both takes the same list of values.
#
# Seen: $1 and $2 are names to SQLite. They are numbered as they appear in the text, whatever digit they have, so that
# "select $2, $1" swaps the values without an error. ?1 and ?2 go by their digit. A name that is repeated counts once:
# "select $2, $2" takes one value where PostgreSQL demands two.
#   select $2, $1 -> first, second
#   select ?2, ?1 -> second, first
#   select $3, $1 -> first, second
#   select $2, $2 with one value -> first, first
#
# Why it matters: a statement such as "UPDATE … SET a = $2 WHERE id = $1" passes its tests on PostgreSQL and updates other
# rows on SQLite. A layer for both must bind by name (sqlite3_bind_parameter_name) rather than by position.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check apsw==3.54.1.0
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import apsw

cursor = apsw.Connection(":memory:").cursor()
values = ("first", "second")
seen = {
    "select $2, $1": list(cursor.execute("select $2, $1", values)),
    "select ?2, ?1": list(cursor.execute("select ?2, ?1", values)),
    "select $3, $1": list(cursor.execute("select $3, $1", values)),
    "select $2, $2": list(cursor.execute("select $2, $2", values[:1])),
}
for statement, rows in seen.items():
    print(f"{statement} -> {', '.join(rows[0])}")
assert list(seen.values()) == [[values], [values[::-1]], [values], [("first", "first")]], seen
PYTHON
