#!/usr/bin/env python3
"""Walks the views of a console at one point of the story of operation: `story.py URL STAGE FROM TO`.

STAGE is a method of `Story`; FROM and TO are the times, in nanoseconds, that the views of that stage show. Goes by keyboard, and then looks at each view that
it has been to wide and narrow, and in both themes where axe looks at colours: nothing is cut off, all has a name, and the page reports no error. With a
folder in PICTURES it leaves a picture of each, in both themes. Ends as `check.py` does.
"""

import os
import pathlib
import re
import sys
import time

import accessibility
from chromium import Browser, Unavailable, Unresponsive

BURNING = "ErrorBudgetOfProbesBurnsFast"
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}


class Story:
    def __init__(self, browser, url, start, end):
        self.browser = browser
        self.url = url
        self.range = f"from={start}&to={end}"
        self.seen = []

    # The stages.

    def well(self):
        """Before the deploy: nothing fires, and the probe's target is up."""
        self.open("#/alerts", ".empty-title", "No alert is pending or firing")
        self.see("alerts")
        self.go("g", "p", to="#/probes")
        self.wait("td .chip.good", "up")
        assert "0 of 1 target failing" in self.text(".head"), self.text(".head")
        self.see("probes")
        self.open(f"#/map?{self.range}", ".map .edge")
        assert self.row("shop", "orders")[3:] == ["0 %", "0 ns", "0 ns", "0 ns"], self.rows()
        self.see("map")

    def burning(self):
        """After the deploy: from the alert over probe, map and trace to the query, and to the group of errors with its release."""
        self.alert_fires()
        self.probe_says_why()
        self.webhook_got_it()
        self.map_shows_the_edge()
        self.trace_shows_the_query()
        self.error_has_the_release()

    def resolved(self):
        """After the roll back: the alert fires no more, the target is up, the edge is quick; the group of errors is closed."""
        self.open("#/alerts", "main .head")
        self.browser.until("!document.querySelector('.busy')")
        firing = self.browser.evaluate("[...document.querySelectorAll('.alert-row')].filter(row => row.querySelector('.chip').textContent === 'firing').map(row => row.querySelector('b').textContent)")
        assert not {BURNING, "HighErrorRate", "ServiceSlow"} & set(firing), firing
        self.see("alerts")
        self.go("g", "p", to="#/probes")
        self.wait("td .chip.good", "up")
        self.see("probes")
        self.open(f"#/map?{self.range}", ".map .edge")
        assert self.row("shop", "orders")[3:] == ["0 %", "0 ns", "0 ns", "0 ns"], self.rows()
        self.see("map")
        self.open("#/errors", ".row-link")
        self.focus(".row-link", "QueryTimeout")
        self.browser.press("Enter")
        self.wait(".head .chip", "unresolved")
        self.browser.press("r")
        self.wait(".head .chip", "resolved")
        self.see("error")
        self.browser.press("Escape")
        self.wait(".empty-title", "No unresolved errors")

    def regressed(self):
        """After a release that brings the error back: the group has opened by itself, with both releases."""
        self.open("#/errors", ".row-link")
        self.wait("td .chip.error", "regressed")
        self.focus(".row-link", "QueryTimeout")
        self.browser.press("Enter")
        self.wait(".head .chip", "regressed")
        cards = self.text(".cards")
        assert "1.5.0" in cards and "1.6.0" in cards and "Came back1 time" in cards, cards
        self.see("error")

    # The parts of the second stage.

    def alert_fires(self):
        self.open("#/traces", ".row-link")
        self.go("g", "a", to="#/alerts")
        self.browser.until(f"[...document.querySelectorAll('.alert-row')].some(row => row.textContent.includes('firing') && row.textContent.includes('{BURNING}'))")
        self.focus(".alert-row", BURNING)
        self.browser.press("Enter")
        self.wait(".log-more", "whatever is being deployed stops")
        assert self.browser.evaluate("document.activeElement.matches('.alert-row[aria-expanded=true]')"), "the row that was opened has lost the focus"
        assert re.search(r"[1-9]\d* firing", self.text(".head")), self.text(".head")
        self.see("alerts")

    def probe_says_why(self):
        self.go("g", "p", to="#/probes")
        self.wait("td .chip.error", "down")
        row = "".join(self.rows()[0])
        for wanted in ("/orders/7", "the status is 502", "system=shop", "used up"):
            assert wanted in row, row
        assert re.search(r"\d× in (1h|6h)", row), row
        self.see("probes")
        self.focus(".row-link", "/orders/7")
        self.browser.press("Enter")
        self.browser.until("location.hash.startsWith('#/trace/') && document.querySelectorAll('.span-row').length >= 5")
        names = self.text(".waterfall")
        assert "GET /orders/:id" in names and "SELECT orders" in names, names
        self.browser.press("]", "Enter")
        self.browser.until("!document.querySelector('.detail').hidden")
        self.see("probe-trace")

    def webhook_got_it(self):
        self.open("#/alerts?show=silences", "[aria-label=Receivers]")
        # The table is drawn anew every two seconds, and a notification may be on its way: name, webhooks, sent, waiting, failed, error.
        self.browser.until(
            "[...document.querySelectorAll('tbody tr')].map(row => [...row.children].map(cell => cell.textContent))"
            ".some(([name, webhooks, sent, ...rest]) => name === 'on-call' && webhooks === '1' && +sent > 0 && rest.join() === '0,0,')")
        self.browser.press("r")
        self.wait("td .chip.error", "firing")
        self.see("rules")

    def map_shows_the_edge(self):
        self.open(f"#/map?{self.range}", ".map .edge")
        for pair in (("shop", "orders"), ("orders", "postgresql orders")):
            _, _, _, errors, p50, p95, p99 = self.row(*pair)
            assert all(re.fullmatch(r"1\.[12]\d? s", took) for took in (p50, p95, p99)) and float(errors.split()[0]) > 20, self.rows()
        assert self.browser.evaluate("document.querySelector('.map .edge.bad, .map .edge.error, .map .bad') !== null"), "no edge is marked"
        self.focus("[data-node]", "orders", key="data-node")
        self.see("map")

    def trace_shows_the_query(self):
        self.open(f"#/traces?{self.range}", ".row-link")
        self.browser.press("/")
        self.browser.until("document.activeElement.matches('[data-search]')")
        self.browser.type('service:orders name:"SELECT orders" duration>1s -error')
        self.browser.press("Enter", "Escape")
        self.browser.until("/1\\.2\\d? s/.test(document.querySelector('tbody .row-link')?.closest('tr').textContent)")
        self.see("traces")
        self.browser.press("j", "Enter")
        self.browser.until("location.hash.startsWith('#/trace/') && document.querySelector('.span-row')")
        # The span that the critical path is made of is the last one.
        self.browser.press(*["j"] * self.browser.evaluate("document.querySelectorAll('.span-row').length"))
        self.browser.press("Enter")
        self.browser.until("!document.querySelector('.detail').hidden")
        assert "SELECT orders" in self.text(".detail h2"), self.text(".detail h2")
        assert "lower(id) = lower(?)" in self.text(".detail"), self.text(".detail")
        assert self.browser.evaluate("[...document.querySelectorAll('.span-row')].find(row => row.textContent.includes('SELECT')).querySelector('.critical') !== null")
        self.see("trace")

    def error_has_the_release(self):
        self.go("g", "r", to="#/errors")
        self.browser.until("document.querySelector('.row-link')")
        self.see("errors")
        self.focus(".row-link", "QueryTimeout")
        self.browser.press("Enter")
        self.browser.until("location.hash.startsWith('#/errors/') && document.querySelector('.cards')")
        cards = self.text(".cards")
        assert "1.5.0" in cards and "1.4.0" not in cards and "production" in cards, cards
        assert "canceling statement due to statement timeout" in self.text(".detail-message")
        self.see("error")
        self.browser.press("j")
        assert self.browser.evaluate("document.activeElement.textContent") == "Trace"
        self.browser.press("Enter")
        self.browser.until("location.hash.startsWith('#/trace/') && document.querySelector('.span-row')")

    # What they share.

    def open(self, hash_, selector, wanted=""):
        self.browser.open("about:blank")
        self.browser.open(f"{self.url}/{hash_}")
        self.wait(selector, wanted)

    def go(self, *keys, to):
        self.browser.press_at_once(*keys)
        self.browser.until(f"location.hash.startsWith('{to}') && !document.querySelector('.busy')")

    def text(self, selector):
        return self.browser.evaluate(f"document.querySelector({selector!r})?.textContent ?? ''")

    def wait(self, selector, wanted=""):
        self.browser.until(f"[...document.querySelectorAll({selector!r})].some(one => one.textContent.includes({wanted!r}))")

    def rows(self):
        """Returns the texts of the cells of tables."""
        return self.browser.evaluate("[...document.querySelectorAll('tbody tr')].map(row => [...row.children].map(cell => cell.textContent))")

    def row(self, *starts):
        """Returns the row that begins with these cells."""
        for row in self.rows():
            if tuple(row[:len(starts)]) == starts:
                return row
        raise AssertionError(f"no row begins with {starts}: {self.rows()}")

    def focus(self, selector, wanted, key=None):
        """Walks through a list with `j` until an entry has the focus."""
        of = f"document.activeElement.getAttribute('{key}')" if key else "document.activeElement.textContent"
        for _ in range(50):
            self.browser.press("j")
            if self.browser.evaluate(f"document.activeElement.matches({selector!r}) && {of}.includes({wanted!r})"):
                return
        raise AssertionError(f"j does not come to {wanted}")

    def see(self, name):
        """Looks at the present view in both themes and sizes."""
        self.seen.append(name)
        axe, folder = accessibility.axe(), os.environ.get("PICTURES")
        for theme in ("light", "dark") if folder else accessibility.themes(axe):
            self.browser.prefer(prefers_color_scheme=theme, prefers_reduced_motion="reduce")
            for size, (width, height) in SIZES.items():
                self.browser.resize(width, height)
                self.browser.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
                wide = self.browser.evaluate("Math.max(document.documentElement.scrollWidth, document.querySelector('main').scrollWidth)")
                assert wide <= width, f"{name} is {wide} wide in {width}"
                if folder:
                    time.sleep(0.3)
                    self.browser.screenshot(pathlib.Path(folder) / f"{sys.argv[2]}-{name}-{size}-{theme}.png")
            found = accessibility.problems(self.browser, axe)
            assert not found, f"{name}, {theme}: {found}"
        self.browser.resize(*SIZES["wide"])
        self.browser.prefer(prefers_color_scheme="light")

    def run(self, stage):
        try:
            getattr(self, stage)()
            messages = self.browser.messages()
            assert not messages, "The page reported: " + "; ".join(messages)
        except (AssertionError, RuntimeError) as error:
            print(f"FAILED {stage} after {', '.join(self.seen)}: {error}\n    at {self.browser.evaluate('location.href')}", flush=True)
            return 1
        print(f"ok {stage}: {', '.join(self.seen)}", flush=True)
        return 0


def main():
    url, stage, start, end = sys.argv[1:]
    try:
        with Browser() as browser:
            return Story(browser, url.rstrip("/"), start, end).run(stage)
    except Unavailable as reason:
        print(f"skipped: {reason}")
        return 77
    except Unresponsive as reason:
        print(f"FAILED: {reason}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
