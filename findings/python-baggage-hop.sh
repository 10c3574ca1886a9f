#!/usr/bin/env bash
# Package: PyPI opentelemetry-api 1.45.2 (W3CBaggagePropagator).
#
# One would guess: a property behind a baggage value is kept apart from the value or dropped, and a value that only
# passes through a service leaves it as it came; blanks are written as %20, and a plus sign is a plus sign, for W3C
# baggage is percent-encoded and knows no form encoding.
#
# Seen: the property becomes part of the value, and its ";" and "=" are percent-encoded on the way out, so the next
# service gets one longer value and no property. A plus is read as a blank, and a blank is written as a plus.
#   'tier=gold;ttl=5' read as {'tier': 'gold;ttl=5'} sent as 'tier=gold%3Bttl%3D5'
#   'zone=utc+2' read as {'zone': 'utc 2'} sent as 'zone=utc+2'
#   'zone=utc%2B2' read as {'zone': 'utc+2'} sent as 'zone=utc%2B2'
#   'name=a%20b' read as {'name': 'a b'} sent as 'name=a+b'
#
# Why it matters: a service behind a Python hop that compares baggage values or makes attributes of them gets
# "gold;ttl=5" for "gold" and "a+b" for "a b". A sender should escape the plus as %2B and put nothing into
# properties that has to live through a hop; a receiver should not decode "+" as a blank to make up for it, for then
# it breaks the values of all other senders.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.2
cat > "$work/probe.py" <<'PYTHON'
from opentelemetry import baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator

propagator = W3CBaggagePropagator()
expected = {
    "tier=gold;ttl=5": ({"tier": "gold;ttl=5"}, "tier=gold%3Bttl%3D5"),
    "zone=utc+2": ({"zone": "utc 2"}, "zone=utc+2"),
    "zone=utc%2B2": ({"zone": "utc+2"}, "zone=utc%2B2"),
    "name=a%20b": ({"name": "a b"}, "name=a+b"),
}
for header, outcome in expected.items():
    context = propagator.extract({"baggage": header})
    sent = {}
    propagator.inject(sent, context)
    read = dict(baggage.get_all(context))
    print(f"{header!r} read as {read} sent as {sent['baggage']!r}")
    assert (read, sent["baggage"]) == outcome, outcome

next_hop = dict(baggage.get_all(propagator.extract({"baggage": "tier=gold%3Bttl%3D5"})))
print("one hop further:", next_hop)
assert next_hop == {"tier": "gold;ttl=5"}
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
