#!/usr/bin/env python3
"""Takes the pictures of the documentation: `pictures.py http://localhost:4318 Documentation/Images`, while the demo runs against that console."""

import json
import pathlib
import sys
import time
import urllib.parse
import urllib.request

from chromium import Browser

VIEWS = {
    "traces": ("#/traces", "document.querySelectorAll('.row-link').length > 10"),
    "services": ("#/services", "document.querySelector('.charts .series')"),
    "map": ("#/map", "document.querySelector('.map .node')"),
    "metrics": ("#/metrics?name=http.server.request.duration", "document.querySelector('.chart .series') && document.querySelector('.heat rect')"),
    "logs": ("#/logs", "document.querySelector('.log-row')"),
    "log-panels": ("#/logs?show=panels", "document.querySelectorAll('.log-panels .bars rect').length > 20"),
    "errors": ("#/errors", "document.querySelector('.row-link')"),
    "conventions": ("#/conventions", "document.querySelector('main table tbody tr')"),
}
WIDTHS = {"": (1280, 800), "-phone": (390, 780)}


def failed_request(url):
    """Returns the newest failed trace that goes through the proxy to the album store, with its span that failed first."""
    def get(path):
        return json.load(urllib.request.urlopen(url + path, timeout=30))
    query = urllib.parse.quote("error service=album-store kind=server url.path~albums")
    trace = max(get(f"/data/traces?limit=20&q={query}")["traces"], key=lambda one: one["spans"])["traceId"]
    found = get(f"/data/traces/{trace}")
    span = next(one for one in found["spans"] if one["status"] == 2 and found["resources"][one["resource"]]["service"] == "album-store")
    return trace, span["spanId"]


def main():
    url, folder = sys.argv[1].rstrip("/"), pathlib.Path(sys.argv[2])
    trace, span = failed_request(url)
    views = VIEWS | {"trace": (f"#/trace/{trace}?span={span}", "document.querySelector('.detail:not([hidden])')")}
    with urllib.request.urlopen(f"{url}/data/summary", timeout=30) as answer:
        if len(json.load(answer)["runs"]) > 1:
            views["runs"] = ("#/runs", "document.querySelector('.compare tbody tr')")
    with urllib.request.urlopen(f"{url}/api/v1/alerts", timeout=30) as answer:
        if json.load(answer)["data"]["alerts"]:
            views["alerts"] = ("#/alerts", "document.querySelector('.alert-row')")
    with urllib.request.urlopen(f"{url}/data/probes", timeout=30) as answer:
        if json.load(answer)["targets"]:
            views["probes"] = ("#/probes", "document.querySelector('td .chip')")
    with Browser() as browser:
        for size, (width, height) in WIDTHS.items():
            browser.resize(width, height)
            for theme in ("light", "dark"):
                browser.prefer(prefers_color_scheme=theme)
                for name, (address, ready) in views.items():
                    browser.open("about:blank")
                    browser.open(f"{url}/{address if name != 'trace' or not size else address.split('?')[0]}")
                    browser.until(f"!document.querySelector('.busy') && ({ready if name != 'trace' or not size else 'document.querySelector(`.span-row`)'})")
                    # What moves in has come to rest.
                    time.sleep(1.5)
                    browser.screenshot(folder / f"console-{name}{size}{'' if theme == 'light' else '-dark'}.png")
        if messages := browser.messages():
            sys.exit("The page reported: " + "; ".join(messages))


if __name__ == "__main__":
    main()
