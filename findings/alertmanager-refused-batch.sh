#!/usr/bin/env bash
# Package: Debian sid prometheus-alertmanager 0.33.1-5 (unpacked, not installed).
#
# One would guess: POST /api/v2/alerts takes a batch whole, or refuses it whole. After a 400 nothing of it is there, so a sender that drops the alert
# at fault may send the others again, and one that gives up has sent nothing.
#
# Seen: which of the two a 4xx means depends on the fault. An alert without labels, or that ends before it begins: 400, and the others of the batch
# are active. A label that is a number: 400, and none is. A generatorURL that is no address: 422, and none is. The text of the answer names the fault,
# and not what became of the others.
#   no labels: 400, of the two others active 2
#   ends before it starts: 400, of the two others active 2
#   label 500 in place of "500": 400, of the two others active 0
#   generatorURL "not a url": 422, of the two others active 0
#
# Why it matters: a sender that counts a 400 as "nothing was sent" reports alerts as lost that are on their way; one that counts it as "the rest was
# sent" loses them with the other faults. Send alerts of which each is valid: labels as text, startsAt before endsAt, an absolute address.
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


now = datetime.now(timezone.utc)
faults = {
    "no labels": {"labels": {}},
    "ends before it starts": {"labels": {"alertname": "x"}, "startsAt": now.isoformat(), "endsAt": (now - timedelta(minutes=1)).isoformat()},
    'label 500 in place of "500"': {"labels": {"alertname": "x", "code": 500}},
    'generatorURL "not a url"': {"labels": {"alertname": "x"}, "generatorURL": "not a url"},
}
seen = []
for number, (title, fault) in enumerate(faults.items()):
    names = [f"before{number}", f"behind{number}"]
    status, text = post({"labels": {"alertname": names[0]}}, fault, {"labels": {"alertname": names[1]}})
    active = sum(len(stored(name)) for name in names)
    print(f"{title}: {status}, of the two others active {active}; {text.strip()}")
    seen.append((status, active))
assert seen == [(400, 2), (400, 2), (400, 0), (422, 0)], seen
PYTHON
timeout 60 python3 "$work/probe.py" "http://127.0.0.1:$port"
