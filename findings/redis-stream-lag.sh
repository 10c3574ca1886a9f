#!/usr/bin/env bash
# Packages: Debian 12 redis-tools 5:7.0.15-1~deb12u10 (which holds the server; with its libraries, unpacked, not installed), PyPI redis 8.1.0.
#
# One would guess: "lag" in XINFO GROUPS, there since Redis 7, is how many entries of the stream the consumer group has still to read.
#
# Seen: a group that is made the usual way, at "$" of a stream that has entries, has no lag (nil) as soon as there is something to read, and a number
# again once it has read all. One XDEL of an entry that is not read yet has the same effect. After XTRIM the entries that are gone count on: a group
# has a lag of 7 where 2 entries are left for it.
#   made at "$", 5 entries added: lag nil; 2 read: nil; all read: 0; 5 added: 5
#   10 entries, 3 read: 7; one unread deleted: nil
#   10 entries, 3 read, XTRIM MAXLEN 2: lag 7, entries that a read returns: 2
#
# Why it matters: an alert on the lag has no data while a new consumer falls behind, or while one never catches up, and fires for what was thrown
# away and can never be read. Watch the time of the last delivered identifier against that of the stream beside it.
set -euo pipefail
work=$(mktemp -d)
server=""
finish() {
    if [ -n "$server" ]; then kill "$server" 2> "$work/null" || true; wait "$server" || true; fi
    rm -rf "$work"
}
trap finish EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download redis-tools=5:7.0.15-1~deb12u10 libjemalloc2=5.3.0-1 liblzf1=3.6-3 \
    libatomic1=12.2.0-14+deb12u1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check redis==8.1.0
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# The program is a server if it is called so.
ln -s "$work/root/usr/bin/redis-check-rdb" "$work/redis-server"
libraries=$(dirname "$(find "$work/root" -name 'libjemalloc.so.2' | head -1)")
LD_LIBRARY_PATH="$libraries" timeout 120 "$work/redis-server" --port "$port" --bind 127.0.0.1 --save "" --dir "$work" > "$work/log" 2>&1 &
server=$!
cat > "$work/probe.py" <<'PYTHON'
import sys
import time

import redis

client = redis.Redis(port=int(sys.argv[1]), decode_responses=True)
deadline = time.monotonic() + 30
while True:
    try:
        client.ping()
        break
    except redis.exceptions.ConnectionError:
        assert time.monotonic() < deadline
        time.sleep(0.1)
assert client.info("server")["redis_version"] == "7.0.15"


def add(stream, count):
    return [client.xadd(stream, {"number": number}) for number in range(count)]


def group(stream):
    return client.xinfo_groups(stream)[0]


def read(stream, count):
    before = group(stream)["pending"]
    client.xreadgroup("group", "consumer", {stream: ">"}, count=count)
    return group(stream)["pending"] - before


def lag(stream):
    return group(stream)["lag"]


add("latest", 3)
client.xgroup_create("latest", "group", id="$")
seen = [lag("latest")]
for step in (lambda: add("latest", 5), lambda: read("latest", 2), lambda: read("latest", 10), lambda: add("latest", 5)):
    step()
    seen.append(lag("latest"))
print("made at $:", seen)
assert seen == [0, None, None, 0, 5], seen

client.xgroup_create("deleted", "group", id="0", mkstream=True)
identifiers = add("deleted", 10)
read("deleted", 3)
seen = [lag("deleted")]
client.xdel("deleted", identifiers[5])
seen.append(lag("deleted"))
print("one unread deleted:", seen)
assert seen == [7, None], seen

client.xgroup_create("trimmed", "group", id="0", mkstream=True)
add("trimmed", 10)
read("trimmed", 3)
client.xtrim("trimmed", maxlen=2, approximate=False)
seen = [lag("trimmed"), client.xlen("trimmed"), read("trimmed", 100)]
print("trimmed: lag %d, entries %d, read %d" % tuple(seen))
assert seen == [7, 2, 2], seen
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "$port"
