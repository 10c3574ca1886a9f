#!/usr/bin/env bash
# Package: PyPI prometheus-client 0.26.0 (its own HTTP server).
#
# One would guess: the format of a scrape follows the quality values of Accept, and "q=0" rules a format or a
# compression out, as HTTP says.
#
# Seen: quality values are not looked at. OpenMetrics is served whenever the header names a version it knows, with
# q=0.1 beside a text format with q=0.9 and with q=0 as well. "gzip;q=0" gets a gzip body. What does steer the
# choice is the version: 0.0.1 of OpenMetrics, which Prometheus servers ask for too, gives the plain text format.
#   application/openmetrics-text;q=0.1,text/plain;q=0.9 -> application/openmetrics-text; version=1.0.0
#   application/openmetrics-text;q=0,text/plain -> application/openmetrics-text; version=1.0.0
#   application/openmetrics-text;version=0.0.1 -> text/plain; version=0.0.4
#   Accept-Encoding: gzip;q=0 -> gzip
#
# Why it matters: a scraper that prefers the plain text must leave OpenMetrics out of its header, not rank it low. It
# has to go by the Content-Type of the answer in every case: the two formats differ in the names of counter families,
# in the unit of timestamps (seconds, milliseconds) and in the end mark.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check prometheus-client==0.26.0
cat > "$work/probe.py" <<'PYTHON'
import http.client

from prometheus_client import CollectorRegistry, Counter, start_http_server

registry = CollectorRegistry()
Counter("orders", "Orders taken.", registry=registry).inc()
server, thread = start_http_server(0, addr="127.0.0.1", registry=registry)


def scrape(headers):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    connection.request("GET", "/metrics", headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.headers, body


open_metrics, plain = "application/openmetrics-text; version=1.0.0", "text/plain; version=0.0.4"
expected = {
    "application/openmetrics-text;q=0.1,text/plain;q=0.9": open_metrics,
    "text/plain;version=0.0.4;q=1,application/openmetrics-text;version=1.0.0;q=0.1": open_metrics,
    "application/openmetrics-text;q=0,text/plain": open_metrics,
    "application/openmetrics-text;version=0.0.1": plain,
    "text/plain": plain,
    "*/*": plain,
}
for accept, kind in expected.items():
    headers, body = scrape({"Accept": accept})
    print(accept, "->", headers["Content-Type"])
    assert headers["Content-Type"].startswith(kind), kind
    assert body.endswith(b"# EOF\n") == (kind == open_metrics)

for encoding, answer in {"gzip;q=0": "gzip", "identity, gzip;q=0": "gzip", "identity": None}.items():
    headers, body = scrape({"Accept-Encoding": encoding})
    print("Accept-Encoding:", encoding, "->", headers["Content-Encoding"])
    assert headers["Content-Encoding"] == answer
    assert body.startswith(b"\x1f\x8b") == (answer == "gzip")
server.shutdown()
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
