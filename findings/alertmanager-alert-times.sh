#!/usr/bin/env bash
# Package: Debian sid prometheus-alertmanager 0.33.1-5 (unpacked, not installed).
#
# One would guess: an alert that is posted without startsAt starts now, as the documentation says; and an alert that is posted again with another
# endsAt ends then, whether that is later or sooner.
#
# Seen: without startsAt, but with an endsAt, it starts when it ends: in the future, and active all the same. With a startsAt, an endsAt that is
# sooner than the one before is ignored, while the annotations of the same post are taken. Only an endsAt that has passed ends it.
#   no times: starts now, ends in 300 s
#   endsAt in 600 s: starts in 600 s, state active
#   startsAt now, endsAt in 600 s, then in 60 s: ends in 600 s, annotation of the second post
#   startsAt now, endsAt in 600 s, then a second ago: gone
#
# Why it matters: notifications and dashboards tell a start that lies ahead, and a negative age. A sender that wants its alerts to lapse soon after it
# has died cannot shorten what it (or an older version of it) has once promised. Always send startsAt, and a short endsAt from the beginning.
set -euo pipefail
work=$(mktemp -d)
server=""
finish() {
    if [ -n "$server" ]; then kill "$server" 2> "$work/null" || true; wait "$server" || true; fi
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
(cd "$work/debian" && "${apt[@]}" download prometheus-alertmanager=0.33.1-5)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
# The package looks for its template under /usr/share; the server gets one of its own, in a namespace of its own.
cat > "$work/run.sh" <<'SHELL'
mount -t tmpfs none /usr/share
mkdir -p /usr/share/prometheus
cp -r "$1/root/usr/share/prometheus/alertmanager" /usr/share/prometheus/
exec "$1/root/usr/bin/prometheus-alertmanager" --config.file="$1/alertmanager.yml" --storage.path="$1/data" \
    --web.listen-address="127.0.0.1:$2" --cluster.listen-address=
SHELL
printf 'route: {receiver: none}\nreceivers: [{name: none}]\n' > "$work/alertmanager.yml"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
timeout 120 unshare --map-root-user --mount sh "$work/run.sh" "$work" "$port" > "$work/log" 2>&1 &
server=$!
cat > "$work/probe.py" <<'PYTHON'
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone

base = sys.argv[1]


def ask(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data=data, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


deadline = time.monotonic() + 60
while ask("/-/ready")[0] != 200 and time.monotonic() < deadline:
    time.sleep(0.2)


def post(*alerts):
    return ask("/api/v2/alerts", list(alerts))


def stored(name=None):
    query = urllib.parse.urlencode({"filter": f"alertname={name}"}) if name else ""
    return json.loads(ask("/api/v2/alerts?" + query)[1])


def moment(seconds):
    return (datetime.now(timezone.utc) + timedelta(seconds=seconds)).isoformat()


def ahead(text):
    """Tells how many seconds a time lies ahead."""
    return (datetime.fromisoformat(text.replace("Z", "+00:00")) - datetime.now(timezone.utc)).total_seconds()


def near(seconds, wanted):
    return abs(seconds - wanted) < 20


start = moment(0)
post({"labels": {"alertname": "plain"}})
(plain,) = stored("plain")
post({"labels": {"alertname": "end"}, "endsAt": moment(600)})
(end,) = stored("end")
for name, seconds in (("shorter", 60), ("over", -1)):
    post({"labels": {"alertname": name}, "annotations": {"post": "1"}, "startsAt": start[:19] + "Z", "endsAt": moment(600)})
    if name == "over":
        time.sleep(2)
    post({"labels": {"alertname": name}, "annotations": {"post": "2"}, "startsAt": start[:19] + "Z", "endsAt": moment(seconds)})
(shorter,) = stored("shorter")
over = stored("over")
print(f"no times: starts in {ahead(plain['startsAt']):.0f} s, ends in {ahead(plain['endsAt']):.0f} s")
print(f"endsAt in 600 s: starts in {ahead(end['startsAt']):.0f} s, state {end['status']['state']}")
print(f"endsAt in 600 s, then in 60 s: ends in {ahead(shorter['endsAt']):.0f} s, annotation of post {shorter['annotations']['post']}")
print(f"endsAt in 600 s, then a second ago: {len(over)} alerts")
assert near(ahead(plain["startsAt"]), 0) and near(ahead(plain["endsAt"]), 300)
assert near(ahead(end["startsAt"]), 600) and end["startsAt"] == end["endsAt"] and end["status"]["state"] in ("active", "unprocessed")
assert near(ahead(shorter["endsAt"]), 600) and shorter["annotations"] == {"post": "2"}
assert over == []
PYTHON
timeout 60 python3 "$work/probe.py" "http://127.0.0.1:$port"
